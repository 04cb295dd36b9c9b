import JSON
import Testing

@testable import ContextStore

@Suite struct SessionTests {
    private let clock = TestClock()
    private let store: ContextStore
    private let ann: UserStore

    init() throws {
        store = try ContextStore.make(clock: clock)
        ann = store.user(named: "ann")
    }

    @Test func `a session makes its conversation when it names none`() async throws {
        var new = NewSession.make(secretHash: [1, 2, 3])
        new.conversation = NewConversation(title: "Plans")
        new.voice = "marin"
        new.upstreamID = "sess_upstream"
        new.configuration = ["tools": []]
        new.webhooks = [4, 5]
        new.context = ["tokens": 12]
        new.metadata = ["a": 1]
        let session = try await ann.createSession(new)
        #expect(session.status == .created)
        #expect(session.createdAt == clock.now)
        #expect(session.secretHash == [1, 2, 3])
        #expect(session.voice == "marin")
        #expect(session.upstreamID == "sess_upstream")
        #expect(session.configuration == ["tools": []])
        #expect(session.webhooks == [4, 5])
        #expect(session.context == ["tokens": 12])
        #expect(session.metadata == ["a": 1])
        #expect(session.maximumDurationSeconds == 3_600)
        #expect(try await ann.session(session.id) == session)
        #expect(try await ann.conversation(session.conversationID).title == "Plans")
    }

    @Test func `a session that is refused leaves no conversation behind`() async throws {
        var new = NewSession.make(secretHash: [1])
        new.transport = .websocket
        let relayed = new
        _ = try await ann.createSession(relayed)
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.createSession(relayed)
        }
        guard case .conflict("secret_reused", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let agent = IdentifierGenerator().make(AgentID.self)
        await #expect(throws: ContextStoreError.notFound(.agent)) {
            try await ann.createSession(.make(agent: agent))
        }
        #expect(try await ann.conversations().elements.count == 1)
    }

    @Test func `a session carries on the conversation that it names`() async throws {
        let id = try await ann.makeConversation()
        let session = try await ann.makeSession(in: id)
        #expect(session.conversationID == id)
        #expect(try await ann.conversations().elements.count == 1)
    }

    @Test func `a secret's hash finds the session and its owner`() async throws {
        let session = try await ann.createSession(.make(secretHash: [7, 7]))
        let found = try await store.session(secretHash: [7, 7])
        #expect(found == OwnedSession(user: ann.user, session: session))
        #expect(try await store.session(secretHash: [7]) == nil)
    }

    @Test func `a secret that upstream gave out twice belongs to the latest session`() async throws
    {
        _ = try await ann.createSession(.make(secretHash: [7]))
        let latest = try await ann.createSession(.make(secretHash: [7]))
        #expect(try await store.session(secretHash: [7])?.session.id == latest.id)
    }

    @Test func `sessions in use are found, whoever has them`() async throws {
        let bob = store.user(try #require(UserID("bob")))
        _ = try await ann.makeSession()
        let ended = try await ann.makeSession()
        try await ann.markSessionActive(ended.id)
        try await ann.endSession(ended.id, reason: "x")
        let first = try await ann.markSessionActive(try await ann.makeSession().id)
        let second = try await bob.markSessionActive(try await bob.makeSession().id)
        #expect(
            try await store.activeSessions() == [
                OwnedSession(user: ann.user, session: first),
                OwnedSession(user: bob.user, session: second),
            ]
        )
    }

    @Test func `calls without an answer are unfinished`() async throws {
        let session = try await ann.makeSession()
        func item(_ kind: Item.Kind, _ call: JSONValue, _ id: String) -> NewItem {
            NewItem(
                sessionID: session.id,
                upstreamID: id,
                kind: kind,
                role: kind == .functionCall ? .assistant : .tool,
                content: "{}",
                metadata: ["call_id": call]
            )
        }
        _ = try await ann.append(
            [
                item(.functionCall, "a", "1"), item(.functionCall, "b", "2"),
                item(.functionCallOutput, "a", "3"),
            ],
            to: session.conversationID
        )
        #expect(try await ann.unfinishedItems(of: session.id) == ["2"])
    }

    @Test func `of two who claim a session one has it`() async throws {
        let session = try await ann.makeSession()
        let claimed = try await ann.claimSession(session.id, upstreamID: "rtc_1")
        #expect(claimed.status == .active && claimed.upstreamID == "rtc_1")
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.claimSession(session.id, upstreamID: "rtc_2")
        }
        guard case .conflict("session_in_use", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await ann.session(session.id).upstreamID == "rtc_1")
    }

    @Test func `what is in progress when a session ends is incomplete, until more is told`()
        async throws
    {
        let session = try await ann.makeSession()
        func item(_ id: String, _ status: Item.Status, _ content: String) -> NewItem {
            NewItem(
                sessionID: session.id,
                upstreamID: id,
                kind: .message,
                role: .assistant,
                content: content,
                status: status
            )
        }
        let conversation = session.conversationID
        _ = try await ann.append(
            [item("a", .completed, "One."), item("b", .inProgress, "Tw")],
            to: conversation
        )
        #expect(try await ann.unfinishedItems(of: session.id) == ["b"])
        try await ann.endSession(session.id, reason: "x")
        #expect(try await ann.unfinishedItems(of: session.id).isEmpty)
        let all = PageRequest<ItemID>(limit: 10, order: .ascending)
        #expect(
            try await ann.items(of: conversation, all).elements.map(\.status)
                == [.completed, .incomplete]
        )
        _ = try await ann.append([item("b", .completed, "Two.")], to: conversation)
        #expect(
            try await ann.items(of: conversation, all).elements.map(\.status)
                == [.completed, .completed]
        )
    }

    @Test func `a session is found by its id upstream, by its own user only`() async throws {
        let bob = store.user(try #require(UserID("bob")))
        let session = try await ann.makeSession()
        try await ann.markSessionActive(session.id, upstreamID: "rtc_1")
        #expect(try await ann.session(upstreamID: "rtc_1")?.id == session.id)
        #expect(try await bob.session(upstreamID: "rtc_1") == nil)
        #expect(try await ann.session(upstreamID: "rtc_2") == nil)
    }

    @Test func `a session becomes active, then ends once`() async throws {
        let made = try await ann.makeSession()
        let active = try await ann.markSessionActive(made.id, upstreamID: "rtc_1")
        #expect(active.status == .active)
        #expect(active.upstreamID == "rtc_1")
        #expect(try await ann.markSessionActive(made.id).upstreamID == "rtc_1")
        clock.advance(.seconds(60))
        let ended = try await ann.endSession(made.id, reason: "hangup")
        #expect(ended.status == .ended)
        #expect(ended.endedAt == clock.now)
        #expect(ended.endReason == "hangup")
        clock.advance(.seconds(60))
        #expect(try await ann.endSession(made.id, reason: "expired") == ended)
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.markSessionActive(made.id)
        }
        guard case .conflict("session_ended", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `sessions are listed for the user and for a conversation`() async throws {
        let one = try await ann.makeSession()
        let two = try await ann.makeSession(in: one.conversationID)
        let three = try await ann.makeSession()
        #expect(try await ann.sessions().elements == [three, two, one])
        #expect(try await ann.sessions(of: one.conversationID).elements == [two, one])
        let rest = try await ann.sessions(PageRequest(limit: 1, order: .ascending, after: one.id))
        #expect(rest.elements == [two])
        #expect(rest.hasMore)
    }
}
