import ContextStore
import JSON
import Testing

@testable import SessionBroker
@testable import WebServer

@Suite struct BroadcastRoutesTests {
    private func made(_ broker: TestBroker, _ body: JSONValue = [:]) async -> Answer {
        await broker.send(.post, "/api/broadcasts", body)
    }

    @Test func `too many languages are refused before they are compared`() async throws {
        try await withBroker { broker in
            // Twice the same, which would be found by comparing each to all.
            let languages = [JSONValue](repeating: "es", count: 31)
            let answer = await made(broker, ["languages": .array(languages)])
            #expect(answer.status == 400)
            #expect(answer.json["error"]?["message"]?.stringValue?.contains("at most 30") == true)
        }
    }

    @Test func `what is the owner's alone is shown to no listener`() async throws {
        try await withBroker { broker in
            let owned = await made(broker, ["access": "token", "metadata": ["room": "A1"]])
            let path = "/api/broadcasts/\(owned.string("id"))"
            let own = await broker.send(.get, path)
            #expect(own["metadata"] == ["room": "A1"])
            #expect(own["conversation_id"] == owned["conversation_id"])
            let token = owned.string("listen_token")
            let byQuery = await broker.send(.get, path + "?token=" + token, user: "otto")
            let byHeader = await broker.send(
                .get,
                path,
                headers: ["Authorization": "Bearer \(token)"]
            )
            for shown in [byQuery, byHeader] {
                #expect(shown.status == 200)
                #expect(shown["metadata"] == nil && shown["conversation_id"] == nil)
                #expect(!shown.text.contains("A1") && !shown.text.contains("conv_"))
            }
            let open = await made(broker, ["metadata": ["room": "A1"]])
            let shown = await broker.send(
                .get,
                "/api/broadcasts/\(open.string("id"))",
                user: "otto"
            )
            #expect(shown.status == 200 && !shown.text.contains("A1"))
        }
    }

    @Test func `a page of another origin may not listen by a WebSocket`() async throws {
        try await withBroker { broker in
            let owned = await made(broker)
            let path = "/api/broadcasts/\(owned.string("id"))/listen"
            func answer(_ origin: String) async -> Answer {
                await broker.send(
                    .get,
                    path,
                    headers: [
                        "Connection": "Upgrade", "Upgrade": "websocket", "Origin": origin,
                        "Sec-WebSocket-Version": "13",
                        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                    ]
                )
            }
            let other = await answer("https://evil.example")
            #expect((other.status, other.errorCode) == (403, "cross_site_request"))
            #expect(await answer("http://127.0.0.1:8080").status == 101)
        }
    }

    @Test func `another token is made once for a key`() async throws {
        try await withBroker { broker in
            let owned = await made(broker, ["access": "token"])
            let path = "/api/broadcasts/\(owned.string("id"))"
            let headers: HTTPHeaders = ["Idempotency-Key": "once"]
            let first = await broker.send(.post, path + "/token", headers: headers)
            let again = await broker.send(.post, path + "/token", headers: headers)
            #expect(first.status == 200 && first.text == again.text)
            #expect(again.headers["Idempotency-Replayed"] == "true")
            let token = first.string("listen_token")
            #expect(await broker.send(.get, path + "?token=" + token, user: "otto").status == 200)
            let stored = try broker.databaseBytes()
            #expect(!stored.contains(Array(token.utf8)))
        }
    }

    @Test func `an end is remembered for a key`() async throws {
        try await withBroker { broker in
            let (one, two) = (await made(broker), await made(broker))
            let headers: HTTPHeaders = ["Idempotency-Key": "once"]
            func end(_ broadcast: Answer) async -> Answer {
                let path = "/api/broadcasts/\(broadcast.string("id"))/end"
                return await broker.send(.post, path, headers: headers)
            }
            let first = await end(one)
            #expect(first["status"] == "ended")
            let again = await end(one)
            #expect(again.headers["Idempotency-Replayed"] == "true" && again.text == first.text)
            #expect(await end(two).errorCode == "idempotency_key_reused")
        }
    }

    @Test(arguments: ["end", "token"])
    func `a body that is not understood is refused`(_ action: String) async throws {
        try await withBroker { broker in
            let owned = await made(broker, ["access": "token"])
            let path = "/api/broadcasts/\(owned.string("id"))/\(action)"
            let refused = await broker.send(.post, path, ["reason": "over"])
            #expect((refused.status, refused.errorParam) == (400, "reason"))
            #expect(await broker.send(.post, path).status == 200)
        }
    }

    @Test func `segments are listed forwards only, and say so`() async throws {
        try await withBroker { broker in
            let owned = await made(broker)
            let path = "/api/broadcasts/\(owned.string("id"))/segments"
            for (query, param) in [("order=desc", "order"), ("before=3", "before")] {
                let refused = await broker.send(.get, "\(path)?\(query)")
                #expect((refused.status, refused.errorParam) == (400, param))
            }
            #expect(await broker.send(.get, path + "?order=asc").status == 200)
        }
    }
}
