import JSON
import Testing

@testable import ContextStore

@Suite struct ConversationTests {
    private let clock = TestClock()
    private let store: ContextStore
    private let ann: UserStore

    init() throws {
        store = try ContextStore.make(clock: clock)
        ann = store.user(named: "ann")
    }

    @Test func `a conversation is read as it was made`() async throws {
        let agent = try await ann.createAgent(AgentSettings(name: "Host")).id
        let made = try await ann.createConversation(
            NewConversation(title: "Plans", agentID: agent, metadata: ["a": ["b", 1, nil]])
        )
        #expect(made.title == "Plans")
        #expect(made.agentID == agent)
        #expect(made.createdAt == clock.now)
        #expect(made.messageCount == 0)
        #expect(made.lastMessageAt == nil)
        #expect(try await ann.conversation(made.id) == made)
    }

    @Test func `an update keeps, clears and sets fields`() async throws {
        let made = try await ann.createConversation(
            NewConversation(title: "Plans", metadata: ["a": 1])
        )
        clock.advance(.seconds(5))
        let titled = try await ann.updateConversation(
            made.id,
            ConversationUpdate(title: .clear, metadata: .keep)
        )
        #expect(titled.title == nil)
        #expect(titled.metadata == ["a": 1])
        #expect(titled.updatedAt == clock.now)
        let emptied = try await ann.updateConversation(
            made.id,
            ConversationUpdate(title: .set("Other"), metadata: .clear)
        )
        #expect(emptied.title == "Other")
        #expect(emptied.metadata == [:])
        #expect(try await ann.conversation(made.id) == emptied)
    }

    @Test func `a preview is the first words of the user, or else of anyone`() async throws {
        let id = try await ann.makeConversation()
        func preview() async throws -> String? { try await ann.names(of: [id])[id]?.preview }
        #expect(try await ann.names(of: [id]) == [id: ConversationName(title: nil, preview: nil)])
        _ = try await ann.append(.make("  \n ", role: .user), to: id)
        _ = try await ann.append(.make("Welcome!", role: .assistant), to: id)
        #expect(try await preview() == "Welcome!")
        _ = try await ann.append(.make("I  am\nmoving"), to: id)
        _ = try await ann.append(.make("later"), to: id)
        #expect(try await preview() == "I am moving")
        #expect(try await store.user(named: "bob").names(of: [id]).isEmpty)
    }

    @Test(arguments: [
        (String(repeating: "word ", count: 100), String(repeating: "word ", count: 30) + "word…"),
        (String(repeating: "👩‍👧", count: 300), String(repeating: "👩‍👧", count: 159) + "…"),
    ])
    func `a long preview is cut between words`(said: String, preview: String) async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make(said), to: id)
        #expect(try await ann.names(of: [id])[id]?.preview == preview)
        #expect(preview.count <= 160)
    }

    @Test func `counts and times follow the items`() async throws {
        let id = try await ann.makeConversation()
        let first = try await ann.append(.make("one"), to: id).item
        clock.advance(.seconds(5))
        let second = try await ann.append(.make("two"), to: id).item
        var conversation = try await ann.conversation(id)
        #expect(conversation.messageCount == 2)
        #expect(conversation.lastMessageAt == clock.now)
        #expect(conversation.updatedAt == clock.now)
        try await ann.deleteItem(second.id)
        conversation = try await ann.conversation(id)
        #expect(conversation.messageCount == 1)
        #expect(conversation.lastMessageAt == first.createdAt)
        try await ann.deleteItem(first.id)
        conversation = try await ann.conversation(id)
        #expect(conversation.messageCount == 0)
        #expect(conversation.lastMessageAt == nil)
    }

    @Test func `an agent that is not there is refused, and one that goes reads as none`()
        async throws
    {
        let agent = try await ann.createAgent(AgentSettings(name: "Host")).id
        let id = try await ann.createConversation(NewConversation(agentID: agent)).id
        try await ann.deleteAgent(agent)
        #expect(try await ann.conversation(id).agentID == nil)
        await #expect(throws: ContextStoreError.notFound(.agent)) {
            try await ann.createConversation(NewConversation(agentID: agent))
        }
        await #expect(throws: ContextStoreError.notFound(.agent)) {
            try await ann.updateConversation(id, ConversationUpdate(agentID: .set(agent)))
        }
        let titled = try await ann.updateConversation(id, ConversationUpdate(title: .set("T")))
        #expect(titled.agentID == nil)
    }

    @Test func `a deleted conversation is gone from every read`() async throws {
        let session = try await ann.createSession(.make(secretHash: [1, 2]))
        let id = session.conversationID
        let item = try await ann.append(.make("one", in: session.id), to: id).item
        try await ann.storeSummary(.make(of: session.id), of: id)
        try await ann.deleteConversation(id)

        await #expect(throws: ContextStoreError.notFound(.conversation)) {
            try await ann.conversation(id)
        }
        await #expect(throws: ContextStoreError.notFound(.conversation)) {
            try await ann.items(of: id)
        }
        await #expect(throws: ContextStoreError.notFound(.item)) { try await ann.item(item.id) }
        await #expect(throws: ContextStoreError.notFound(.session)) {
            try await ann.session(session.id)
        }
        await #expect(throws: ContextStoreError.notFound(.conversation)) {
            try await ann.append([.make("two")], to: id)
        }
        #expect(try await ann.conversations().elements == [])
        #expect(try await ann.sessions().elements == [])
        #expect(try await ann.latestItems(limit: 10) == [])
        #expect(try await ann.recollection(turns: 10, evenIfBehind: true)?.turns.isEmpty == true)
        #expect(try await store.session(secretHash: [1, 2]) == nil)
    }

    @Test func `an import may bring its own times`() async throws {
        let old = Timestamp(milliseconds: 1_500_000_000_123)
        let made = try await ann.createConversation(NewConversation(createdAt: old))
        #expect(made.createdAt == old)
        var item = NewItem.make("then")
        item.createdAt = old
        #expect(try await ann.append(item, to: made.id).item.createdAt == old)
        #expect(try await ann.conversation(made.id).lastMessageAt == old)
    }
}
