import ContextStore
import JSON
import Logging
import Testing
import WebServer

@testable import SessionBroker

/// https://platform.openai.com/docs/api-reference/realtime-sessions for what goes upstream.
@Suite struct SessionRoutesTests {
    @Test func `a minted session has a key, an address and a conversation`() async throws {
        try await withBroker { broker in
            let answer = await broker.send(
                .post,
                "/api/session",
                ["greeting": "Hello \"you\"", "metadata": ["page": "home"]]
            )
            #expect(answer.status == 201)
            #expect(answer.headers["Cache-Control"] == "no-store")
            #expect(answer["object"] == "session" && answer["status"] == "created")
            let secret = answer["client_secret"]?["value"]?.stringValue
            #expect(secret?.hasPrefix(TestBroker.secretPrefix) == true)
            #expect(answer["client_secret"]?["expires_at"] == 1_800_000_000)
            #expect(answer["url"] == .string(broker.upstream.url("/v1/realtime/calls")))
            #expect(answer["model"] == "gpt-realtime-2.1" && answer["voice"] == "marin")
            #expect(answer["user_id"] == "ada" && answer["metadata"] == ["page": "home"])
            #expect(answer["max_duration_seconds"] == 3_600)
            let greeting = answer["greeting_event"]
            #expect(greeting?["type"] == "response.create")
            let words = greeting?["response"]?["instructions"]?.stringValue ?? ""
            #expect(words.hasSuffix(#"Say exactly this, and nothing else: "Hello \"you\"""#))
            let conversation = await broker.send(
                .get,
                "/api/conversations/\(answer.string("conversation_id"))"
            )
            #expect(conversation["message_count"] == 0)
        }
    }

    @Test func `the whole session is sent upstream, under our key`() async throws {
        try await withBroker { broker in
            _ = await broker.send(
                .post,
                "/api/session",
                ["voice": "ash", "expires_after_seconds": 60]
            )
            let request = try #require(broker.upstream.requests.first)
            #expect(request.method == "POST" && request.target == "/v1/realtime/client_secrets")
            #expect(request.headers["Authorization"] == "Bearer \(TestBroker.upstreamKey)")
            let identifier = request.headers["OpenAI-Safety-Identifier"] ?? ""
            #expect((1...64).contains(identifier.count) && !identifier.contains("ada"))
            let body = try JSONValue(parsing: request.body)
            #expect(body["expires_after"] == ["anchor": "created_at", "seconds": 60])
            #expect(body["session"]?["type"] == "realtime")
            #expect(body["session"]?["audio"]?["output"]?["voice"] == "ash")
        }
    }

    @Test func `the next session knows what the last one said`() async throws {
        try await withBroker { broker in
            let first = await broker.send(.post, "/api/session")
            let path = "/api/conversations/\(first.string("conversation_id"))/messages"
            let stored = await broker.send(
                .post,
                path,
                [
                    "session_id": .string(first.string("id")), "role": "user",
                    "content": "My dog is called Rex.",
                ]
            )
            #expect(stored.status == 201)
            let ended = await broker.send(.post, "/api/session/\(first.string("id"))/end")
            #expect(ended["status"] == "ended")
            let second = await broker.send(
                .post,
                "/api/session",
                ["instructions": "Be kind.", "context": ["max_tokens": 500]]
            )
            #expect(second["context"]?["messages"] == 1 && second["context"]?["summaries"] == 0)
            #expect(second["context"]?["max_tokens"] == 500)
            let body = try JSONValue(parsing: try #require(broker.upstream.requests.last).body)
            let instructions = body["session"]?["instructions"]?.stringValue ?? ""
            #expect(instructions.hasPrefix("Be kind.\n"))
            #expect(instructions.contains("U: My dog is called Rex."))
            // A prompt does not wait for a slow machine to index what was said.
            let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            try await MemoryIndexer(store: broker.store, logger: silent).catchUp()
            let third = await broker.send(
                .post,
                "/api/session",
                ["context": ["recent_messages": 0]]
            )
            #expect(third["context"]?["messages"] == 0 && third["context"]?["summaries"] == 1)
        }
    }

    @Test(
        arguments: [
            ["enabled": false], ["scope": "none"], ["max_tokens": 0], ["scope": "conversation"],
        ] as [JSONValue]
    )
    func `a session that wants no context gets none`(context: JSONValue) async throws {
        try await withBroker { broker in
            let first = await broker.send(.post, "/api/session")
            let path = "/api/conversations/\(first.string("conversation_id"))/messages"
            _ = await broker.send(.post, path, ["role": "user", "content": "My dog is Rex."])
            let second = await broker.send(.post, "/api/session", ["context": context])
            #expect(second["context"]?["tokens"] == 0)
            let body = try #require(broker.upstream.requests.last).body
            #expect(!String(decoding: body, as: UTF8.self).contains("Rex"))
        }
    }

    @Test func `nothing of one user reaches another`() async throws {
        try await withBroker { broker in
            let first = await broker.send(.post, "/api/session")
            let conversation = first.string("conversation_id")
            _ = await broker.send(
                .post,
                "/api/conversations/\(conversation)/messages",
                ["role": "user", "content": "My dog is Rex."]
            )
            let other = await broker.send(.post, "/api/session", user: "bob")
            #expect(other["context"]?["tokens"] == 0)
            let id = first.string("id")
            for path in [
                "/api/session/\(id)", "/api/conversations/\(conversation)",
                "/api/conversations/\(conversation)/messages",
                "/api/conversations/\(conversation)/export",
            ] {
                let answer = await broker.send(.get, path, user: "bob")
                #expect(answer.status == 404 && answer.errorCode == "not_found", "\(path)")
            }
            #expect(await broker.send(.post, "/api/session/\(id)/end", user: "bob").status == 404)
            let carried: JSONValue = ["conversation_id": .string(conversation)]
            #expect(await broker.send(.post, "/api/session", carried, user: "bob").status == 404)
            #expect(await broker.send(.get, "/api/sessions", user: "bob").data.count == 1)
        }
    }

    @Test func `a relayed session has a key of ours, and no key of upstream's`() async throws {
        try await withBroker { broker in
            let answer = await broker.send(.post, "/api/session", ["transport": "websocket"])
            #expect(answer.status == 201)
            let secret = answer["client_secret"]?["value"]?.stringValue ?? ""
            #expect(secret.hasPrefix("bs_") && secret.count == 35)
            #expect(answer["url"] == "ws://127.0.0.1:8080/api/realtime")
            #expect(!answer.text.contains("ek_"))
            let bytes = String(decoding: try broker.databaseBytes(), as: UTF8.self)
            #expect(!bytes.contains(secret))
        }
    }

    @Test func `upstream's own route answers with upstream's own shape`() async throws {
        try await withBroker { broker in
            let body: JSONValue = [
                "expires_after": ["anchor": "created_at", "seconds": 120],
                "session": ["type": "realtime", "instructions": "Be kind."],
            ]
            let answer = await broker.send(.post, "/v1/realtime/client_secrets", body)
            #expect(answer.status == 200)
            #expect(
                answer.json.objectValue?.members.map(\.key) == ["value", "expires_at", "session"]
            )
            #expect(answer["session"]?["instructions"] == "Be kind.")
            #expect(await broker.send(.get, "/api/sessions").data.count == 1)
        }
    }

    @Test func `the memory block does not come back to the caller`() async throws {
        try await withBroker { broker in
            let first = await broker.send(.post, "/api/session")
            let path = "/api/conversations/\(first.string("conversation_id"))/messages"
            _ = await broker.send(.post, path, ["role": "user", "content": "My dog is Rex."])
            let answer = await broker.send(
                .post,
                "/v1/realtime/client_secrets",
                ["session": ["type": "realtime"]]
            )
            let sent = try #require(broker.upstream.requests.last).body
            #expect(String(decoding: sent, as: UTF8.self).contains("Rex"))
            #expect(!answer.text.contains("Rex"))
        }
    }

    @Test func `the same key is the same session, and another body a conflict`() async throws {
        try await withBroker { broker in
            let key: HTTPHeaders = ["Idempotency-Key": "abc"]
            let first = await broker.send(.post, "/api/session", ["voice": "ash"], headers: key)
            let second = await broker.send(.post, "/api/session", ["voice": "ash"], headers: key)
            #expect(first.status == 201 && second.status == 201)
            #expect(first.json == second.json)
            #expect(second.headers["Idempotency-Replayed"] == "true")
            #expect(broker.upstream.requests.count == 1)
            let other = await broker.send(.post, "/api/session", ["voice": "sage"], headers: key)
            #expect(other.status == 409)
            let bytes = String(decoding: try broker.databaseBytes(), as: UTF8.self)
            #expect(!bytes.contains("ek_0123456789"))
        }
    }

    @Test func `no key of upstream's is in any answer or in the database`() async throws {
        let script: FakeUpstream.Script = { request in
            let key = request.headers["Authorization"] ?? ""
            return .answer(
                401,
                #"{"error":{"message":"Incorrect API key provided: \#(key)","code":"invalid_api_key"}}"#
            )
        }
        try await withBroker(script) { broker in
            let answer = await broker.send(.post, "/api/session")
            #expect(answer.status == 502)
            #expect(answer["error"]?["type"] == "upstream_error")
            #expect(answer["error"]?["upstream"]?["status"] == 401)
            #expect(!answer.text.contains("0123456789"))
            let bytes = String(decoding: try broker.databaseBytes(), as: UTF8.self)
            #expect(!bytes.contains("sk-upstream"))
            #expect(await broker.send(.get, "/api/sessions").data.isEmpty)
            #expect(await broker.send(.get, "/api/conversations").data.isEmpty)
        }
    }

    @Test func `an ended session stays ended, and lists are paged`() async throws {
        try await withBroker { broker in
            var ids: [String] = []
            for _ in 0..<5 { ids.append(await broker.send(.post, "/api/session").string("id")) }
            let once = await broker.send(.post, "/api/session/\(ids[0])/end")
            let twice = await broker.send(.post, "/api/session/\(ids[0])/end")
            #expect(once.json == twice.json && once["end_reason"] == "client_request")
            let page = await broker.send(.get, "/api/sessions?limit=2")
            #expect(page.data.map { $0["id"]?.stringValue } == [ids[4], ids[3]])
            #expect(page["has_more"] == true && page["last_id"] == .string(ids[3]))
            let next = await broker.send(.get, "/api/sessions?limit=3&after=\(ids[3])")
            #expect(next.data.map { $0["id"]?.stringValue } == [ids[2], ids[1], ids[0]])
            #expect(next["has_more"] == false)
        }
    }
}
