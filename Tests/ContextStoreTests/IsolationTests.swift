import JSON
import Testing

@testable import ContextStore

@Suite struct IsolationTests {
    /// Everything that Ann has one of, and Bob, who should see none of it.
    private struct World: Sendable {
        let store: ContextStore
        let ann: UserStore
        let bob: UserStore
        let conversation: ConversationID
        let item: ItemID
        let session: SessionID
        let agent: AgentID
    }

    private func makeWorld(isBobKnown: Bool) async throws -> World {
        let store = try ContextStore.make()
        let ann = store.user(named: "ann")
        let bob = store.user(named: "bob")
        let agent = try await ann.createAgent(AgentSettings(name: "Host")).id
        let session = try await ann.createSession(.make(agent: agent, secretHash: [1]))
        let conversation = session.conversationID
        let item = try await ann.append(.make("hi", id: "i", in: session.id), to: conversation)
        try await ann.storeSummary(.make(of: session.id), of: conversation)
        _ = try await ann.createConversation(
            NewConversation(),
            once: IdempotencyRecord(key: "k", fingerprint: [1]) { _ in [1] }
        )
        if isBobKnown { _ = try await bob.makeConversation() }
        return World(
            store: store,
            ann: ann,
            bob: bob,
            conversation: conversation,
            item: item.item.id,
            session: session.id,
            agent: agent
        )
    }

    /// An operation on Ann's objects, as Bob tries it.
    private typealias Attempt = @Sendable (World) async throws -> Void

    private static let refused: [(String, ContextStoreError, Attempt)] = [
        (
            "conversation", .notFound(.conversation),
            { _ = try await $0.bob.conversation($0.conversation) }
        ),
        (
            "updateConversation", .notFound(.conversation),
            {
                let update = ConversationUpdate(title: .set("mine"))
                _ = try await $0.bob.updateConversation($0.conversation, update)
            }
        ),
        (
            "deleteConversation", .notFound(.conversation),
            { try await $0.bob.deleteConversation($0.conversation) }
        ),
        (
            "conversations after", .invalidCursor,
            { _ = try await $0.bob.conversations(PageRequest(after: $0.conversation)) }
        ),
        (
            "createConversation with agent", .notFound(.agent),
            { _ = try await $0.bob.createConversation(NewConversation(agentID: $0.agent)) }
        ),
        (
            "append", .notFound(.conversation),
            { _ = try await $0.bob.append([.make("x")], to: $0.conversation) }
        ),
        ("item", .notFound(.item), { _ = try await $0.bob.item($0.item) }),
        ("items", .notFound(.conversation), { _ = try await $0.bob.items(of: $0.conversation) }),
        ("deleteItem", .notFound(.item), { try await $0.bob.deleteItem($0.item) }),
        (
            "allItems", .notFound(.conversation),
            { _ = try await $0.bob.contents(of: $0.conversation) }
        ),
        (
            "segment", .notFound(.conversation),
            {
                let id = $0.conversation
                _ = try await $0.bob.segment(of: id, session: nil, .last, limit: 1)
            }
        ),
        (
            "latestItems", .notFound(.conversation),
            { _ = try await $0.bob.latestItems(of: $0.conversation, limit: 1) }
        ),
        (
            "createSession in conversation", .notFound(.conversation),
            { _ = try await $0.bob.createSession(.make(in: $0.conversation)) }
        ),
        (
            "createSession with agent", .notFound(.agent),
            { _ = try await $0.bob.createSession(.make(agent: $0.agent)) }
        ),
        ("session", .notFound(.session), { _ = try await $0.bob.session($0.session) }),
        (
            "sessions of", .notFound(.conversation),
            { _ = try await $0.bob.sessions(of: $0.conversation) }
        ),
        (
            "usage of", .notFound(.conversation),
            {
                _ = try await $0.bob.usage(
                    of: $0.conversation,
                    from: Timestamp(milliseconds: 0),
                    to: .now(),
                    groupBy: .day
                )
            }
        ),
        (
            "sessions after", .invalidCursor,
            { _ = try await $0.bob.sessions(PageRequest(after: $0.session)) }
        ),
        (
            "markSessionActive", .notFound(.session),
            { try await $0.bob.markSessionActive($0.session) }
        ),
        (
            "endSession", .notFound(.session),
            { try await $0.bob.endSession($0.session, reason: "x") }
        ),
        ("agent", .notFound(.agent), { _ = try await $0.bob.agent($0.agent) }),
        (
            "agents after", .invalidCursor,
            { _ = try await $0.bob.agents(PageRequest(after: $0.agent)) }
        ),
        (
            "updateAgent", .notFound(.agent),
            { _ = try await $0.bob.updateAgent($0.agent) { $0.name = "mine" } }
        ),
        ("deleteAgent", .notFound(.agent), { try await $0.bob.deleteAgent($0.agent) }),
        (
            "storeSummary", .notFound(.conversation),
            { try await $0.bob.storeSummary(.make(), of: $0.conversation) }
        ),
        (
            "summaries", .notFound(.conversation),
            { _ = try await $0.bob.summaries(of: $0.conversation) }
        ),
        (
            "recollection", .notFound(.conversation),
            { _ = try await $0.bob.recollection(of: $0.conversation) }
        ),
    ]

    @Test(arguments: [true, false])
    func `another user's object is not there for any operation`(isBobKnown: Bool) async throws {
        for (name, expected, attempt) in Self.refused {
            let world = try await makeWorld(isBobKnown: isBobKnown)
            let rows = try await world.store.count("items")
            await #expect(throws: expected, "\(name)") { try await attempt(world) }
            #expect(try await world.ann.conversation(world.conversation).title == nil)
            #expect(try await world.ann.item(world.item).content == "hi")
            #expect(try await world.ann.session(world.session).status == .created)
            #expect(try await world.ann.agent(world.agent).settings.name == "Host")
            #expect(try await world.store.count("items") == rows)
        }
    }

    @Test(arguments: [true, false])
    func `another user's objects are in no list`(isBobKnown: Bool) async throws {
        let world = try await makeWorld(isBobKnown: isBobKnown)
        let bob = world.bob
        #expect(try await bob.conversations().elements.count == (isBobKnown ? 1 : 0))
        #expect(try await bob.sessions().elements == [])
        #expect(try await bob.agents().elements == [])
        #expect(try await bob.latestItems(limit: 10) == [])
        let recollection = try #require(try await bob.recollection(turns: 10, evenIfBehind: true))
        #expect(recollection.turns.isEmpty)
        #expect(recollection.block == .empty)
        #expect(try await bob.facts().elements == [])
        #expect(try await bob.rememberedAnswer(key: "k", fingerprint: [1]) == nil)
        // Excluding a session that is not Bob's reveals nothing about it.
        #expect(try await bob.latestItems(limit: 10, excluding: world.session) == [])
    }

    @Test func `a session of another user's conversation cannot be written to`() async throws {
        let world = try await makeWorld(isBobKnown: true)
        let mine = try await world.bob.makeConversation()
        await #expect(throws: ContextStoreError.notFound(.session)) {
            try await world.bob.append([.make("x", in: world.session)], to: mine)
        }
        await #expect(throws: ContextStoreError.notFound(.session)) {
            try await world.bob.storeSummary(.make(of: world.session), of: mine)
        }
    }

    @Test func `names that look the same but have other bytes are other users`() async throws {
        let store = try ContextStore.make()
        let (one, two) = (store.user(named: "caf\u{E9}"), store.user(named: "cafe\u{301}"))
        let first = try await one.makeConversation()
        let second = try await two.makeConversation()
        #expect(try await one.conversations().elements.map(\.id) == [first])
        #expect(try await two.conversations().elements.map(\.id) == [second])
        #expect(one.user != two.user && Set([one.user, two.user]).count == 2)
    }

    @Test func `a name of bytes that are not UTF-8 is nobody's`() {
        #expect(UserID("M\u{FFFD}ller") == nil)
        #expect(UserID("Müller") != nil)
    }
}
