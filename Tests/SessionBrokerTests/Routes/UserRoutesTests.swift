import Captions
import ContextStore
import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct UserRoutesTests {
    /// Something in every corner of a user's store.
    private func fill(_ broker: TestBroker, user: String) async throws {
        _ = await broker.send(.post, "/api/agents", ["name": "Host"], user: user)
        let session = await broker.send(.post, "/api/session", [:], user: user)
        let path = "/api/conversations/\(session.string("conversation_id"))/messages"
        let body: JSONValue = ["role": "user", "content": .string("I am \(user).")]
        #expect(await broker.send(.post, path, body, user: user).status == 201)
        let summaries = path.replacing("messages", with: "summaries")
        #expect(await broker.send(.post, summaries, [:], user: user).status == 201)
        let store = try broker.store.user(#require(UserID(user)))
        let broadcast = await broker.send(
            .post,
            "/api/broadcasts",
            ["title": "News", "source_language": "en", "languages": ["de"]],
            user: user
        )
        let id = try #require(BroadcastID(broadcast.string("id")))
        try await store.storeCaptions(
            (1...600).map { number in
                Caption(
                    language: "en",
                    sequence: number,
                    number: number,
                    text: "\(number) says \(user).",
                    speaker: 1,
                    startMs: number,
                    endMs: number + 1
                )
            },
            of: store.broadcast(id)
        )
        _ = try await store.recordUsage(
            NewUsage(sessionID: sessionID(session), source: .response, sourceID: "r", model: "m")
        )
    }

    private func sessionID(_ session: Answer) throws -> SessionID {
        try #require(SessionID(session.string("id")))
    }

    @Test func `an export has all of the caller's and nothing of others, and comes back`()
        async throws
    {
        try await withBroker { broker in
            try await fill(broker, user: "ada")
            try await fill(broker, user: "bob")
            let answer = await broker.send(.get, "/api/me/export")
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == "application/jsonl")
            let lines = answer.text.split(separator: "\n")
            let objects = try lines.map { try JSONValue(parsing: $0.utf8) }
            let counts = Dictionary(
                objects.map { ($0["object"]?.stringValue ?? "", 1) },
                uniquingKeysWith: +
            )
            #expect(
                counts == [
                    "agent": 1, "conversation": 2, "message": 601, "summary": 1, "session": 1,
                    "broadcast": 1, "broadcast.segment": 600, "usage.group": 1,
                ]
            )
            #expect(objects.contains { $0["content"] == "I am ada." })
            #expect(!answer.text.contains("bob"))
            let other = try ContextStore(path: ":memory:")
            let user = try #require(UserID("ada"))
            var importer = HistoryImporter(store: other, user: user, conversation: nil)
            for line in lines { try await importer.add(Array(line.utf8)) }
            #expect(try await importer.finish().messages == 601)
        }
    }

    @Test func `deleting oneself leaves nothing, and others all`() async throws {
        try await withBroker { broker in
            try await fill(broker, user: "ada")
            try await fill(broker, user: "bob")
            let gone = await broker.send(.delete, "/api/me")
            let expected: JSONValue = ["id": "ada", "object": "user.deleted", "deleted": true]
            #expect(gone.status == 200 && gone.json == expected)
            for path in ["/api/agents", "/api/conversations"] {
                #expect(await broker.send(.get, path).data == [])
                #expect(!(await broker.send(.get, path, user: "bob").data.isEmpty))
            }
            #expect(await broker.send(.get, "/api/me/export").text == "")
            try await StoreOperator(broker.store).purge()
            let bytes = String(decoding: try broker.databaseBytes(), as: UTF8.self)
            #expect(bytes.contains("I am bob."))
            #expect(await broker.send(.get, "/api/me/export", user: "bob").text.contains("bob"))
        }
    }
}
