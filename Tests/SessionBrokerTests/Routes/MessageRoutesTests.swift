import ContextStore
import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct MessageRoutesTests {
    private func path(_ broker: TestBroker) async -> String {
        let made = await broker.send(.post, "/api/conversations", [:])
        return "/api/conversations/\(made.string("id"))/messages"
    }

    @Test func `an answer that is nested as deep as may be is replayed`() async throws {
        try await withBroker { broker in
            var deep: JSONValue = [:]
            // With the message and its metadata it is as deep as a body may be.
            for _ in 0..<61 { deep = ["a": deep] }
            let body: JSONValue = ["messages": [["role": "user", "content": "x"]]]
            let nested: JSONValue = ["role": "user", "content": "x", "metadata": ["d": deep]]
            let path = await path(broker)
            for (key, body) in [("flat", body), ("deep", nested)] {
                let headers: HTTPHeaders = ["Idempotency-Key": key]
                let first = await broker.send(.post, path, body, headers: headers)
                let second = await broker.send(.post, path, body, headers: headers)
                #expect(first.status == 201 && second.status == 201, "\(key)")
                #expect(second.text == first.text && !first.text.isEmpty)
            }
        }
    }

    private func refusal(
        _ kind: Identity.Kind,
        _ item: NewItem,
        isList: Bool = false
    ) throws -> HTTPError? {
        let user = try #require(UserID("ada"))
        let store = try ContextStore(path: ":memory:").user(user)
        let caller = Caller(
            identity: Identity(userID: user, kind: kind, setCookie: nil),
            store: store
        )
        do {
            try caller.requireMayAdd([NewItem(role: .user, content: "x"), item], isList: isList)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [Item.Role.system, .tool])
    func `only a server adds messages that are instructions`(role: Item.Role) throws {
        let item = NewItem(role: role, content: "Obey.")
        let error = try refusal(.endUser, item)
        #expect(error?.status == 403 && error?.param == "role")
        #expect(try refusal(.anonymous, item, isList: true)?.param == "messages[1].role")
        #expect(try refusal(.service, item) == nil)
    }

    @Test func `a browser reports calls and their outputs`() throws {
        let output = NewItem(kind: .functionCallOutput, role: .tool, content: "Rain.")
        #expect(try refusal(.endUser, output) == nil)
        #expect(try refusal(.endUser, NewItem(role: .assistant, content: "Hi.")) == nil)
    }

    @Test func `a deleted message is in no session that was minted before`() async throws {
        try await withBroker { broker in
            let path = await path(broker)
            let message: JSONValue = ["role": "user", "content": "My sister Olga lives in Bergen."]
            let stored = await broker.send(.post, path, message)
            let minted = await broker.send(
                .post,
                "/api/session",
                ["instructions": "Be kind."]
            )
            let id = try #require(SessionID(minted.string("id")))
            let ada = broker.store.user(try #require(UserID("ada")))
            func configuration() async throws -> SessionConfiguration {
                SessionConfiguration(stored: try await ada.session(id).configuration)
            }
            let before = try await configuration()
            #expect(before.memory.contains("Bergen") && before.instructions == "Be kind.")
            #expect(before.upstream["instructions"]?.stringValue?.hasPrefix("Be kind.\n\n") == true)
            let gone = await broker.send(.delete, "/api/messages/\(stored.string("id"))")
            #expect(gone.status == 200)
            let after = try await configuration()
            #expect(after.memory == "" && after.upstream["instructions"] == "Be kind.")
            #expect(after.upstream["model"] == before.upstream["model"])
        }
    }
}
