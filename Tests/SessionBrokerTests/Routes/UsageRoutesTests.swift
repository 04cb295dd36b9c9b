import ContextStore
import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct UsageRoutesTests {
    /// Records a response of a new session, some seconds after 2026-11-20T00:00:00Z.
    private func record(
        _ broker: TestBroker,
        _ id: String,
        seconds: Int64,
        model: String = "gpt-realtime-2.1",
        cost: Int64?
    ) async throws -> Session {
        let store = broker.store.user(.make())
        let session = try await store.createSession(
            NewSession(
                model: model,
                secretExpiresAt: .noon,
                maximumDurationSeconds: 3_600
            )
        )
        var new = NewUsage(
            sessionID: session.id,
            source: .response,
            sourceID: id,
            model: model,
            createdAt: Timestamp(milliseconds: (1_795_132_800 + seconds) * 1_000),
            milliseconds: 1_500,
            costNanodollars: cost
        )
        (new.tokens.inputText, new.tokens.cachedText, new.tokens.outputAudio) = (10, 4, 7)
        try await store.recordUsage(new)
        return session
    }

    private let span = "from=1795000000&to=1796000000"

    @Test func `usage is told by day, with a total`() async throws {
        try await withBroker { broker in
            _ = try await record(broker, "a", seconds: 0, cost: 1_250_000)
            _ = try await record(broker, "b", seconds: 86_400, cost: 750_000)
            let answer = await broker.send(.get, "/api/usage?\(span)")
            #expect(answer.status == 200)
            #expect(answer["object"] == "usage" && answer["group_by"] == "day")
            #expect(answer["from"] == 1_795_000_000 && answer["to"] == 1_796_000_000)
            #expect(answer.data.map { $0["day"] } == ["2026-11-21", "2026-11-20"])
            #expect(answer.data.map { $0["cost_usd"] } == ["0.00075", "0.00125"])
            #expect(answer["has_more"] == false)
            #expect(
                answer["total"] == [
                    "responses": 2, "transcriptions": 0, "translations": 0,
                    "tokens": [
                        "input": ["text": 20, "audio": 0, "image": 0],
                        "cached": ["text": 8, "audio": 0, "image": 0],
                        "output": ["text": 0, "audio": 14, "reasoning": 0],
                    ],
                    "seconds": 3.0, "cost_usd": "0.002", "unpriced": 0,
                ]
            )
        }
    }

    @Test func `a sum that is not the whole cost says so`() async throws {
        try await withBroker { broker in
            _ = try await record(broker, "a", seconds: 0, cost: 1_000_000)
            _ = try await record(broker, "b", seconds: 1, model: "", cost: nil)
            let answer = await broker.send(.get, "/api/usage?\(span)&group_by=model")
            #expect(answer.data.map { $0["model"] } == [.null, "gpt-realtime-2.1"])
            #expect(answer.data.map { $0["cost_usd"] } == [.null, "0.001"])
            #expect(answer.data.map { $0["unpriced"] } == [1, 0])
            #expect(answer["total"]?["cost_usd"] == "0.001")
            #expect(answer["total"]?["unpriced"] == 1)
        }
    }

    @Test func `usage is told by conversation, as many as are wanted`() async throws {
        try await withBroker { broker in
            let one = try await record(broker, "a", seconds: 0, cost: 1)
            let two = try await record(broker, "b", seconds: 1, cost: 1)
            let all = await broker.send(.get, "/api/usage?\(span)&group_by=conversation")
            #expect(
                all.data.map { $0["conversation_id"] } == [
                    .string(two.conversationID.text), .string(one.conversationID.text),
                ]
            )
            #expect(all.data.map { $0["title"] } == [.null, .null])
            let only = await broker.send(
                .get,
                "/api/usage?\(span)&conversation_id=\(one.conversationID.text)"
            )
            #expect(only["total"]?["responses"] == 1)
            let first = await broker.send(.get, "/api/usage?\(span)&group_by=conversation&limit=1")
            #expect(first.data.count == 1 && first["has_more"] == true)
            #expect(first["total"]?["responses"] == 2)
        }
    }

    @Test func `without a span it is the last thirty days`() async throws {
        try await withBroker { broker in
            let answer = await broker.send(.get, "/api/usage")
            #expect(answer.status == 200 && answer.data.isEmpty)
            let from = try #require(answer["from"]?.integerValue)
            let to = try #require(answer["to"]?.integerValue)
            #expect(to - from == 30 * 86_400)
            #expect(answer["total"]?["cost_usd"] == "0.00")
        }
    }

    @Test func `nobody sees another's usage`() async throws {
        try await withBroker { broker in
            _ = try await record(broker, "a", seconds: 0, cost: 1)
            let answer = await broker.send(.get, "/api/usage?\(span)", user: "bob")
            #expect(answer.data.isEmpty && answer["total"]?["responses"] == 0)
        }
    }

    @Test func `a wrong parameter is named`() async throws {
        try await withBroker { broker in
            for (query, param) in [
                ("group_by=hour", "group_by"), ("from=soon", "from"), ("to=-1", "to"),
                ("from=200&to=100", "from"), ("from=100&to=100", "from"), ("limit=0", "limit"),
                ("limit=1001", "limit"),
            ] {
                let answer = await broker.send(.get, "/api/usage?\(query)")
                #expect(answer.status == 400 && answer.errorParam == param, "\(query)")
            }
        }
    }
}
