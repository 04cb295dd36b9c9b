import Testing

@testable import ContextStore

@Suite struct ListTests {
    private let ann: UserStore

    init() throws {
        ann = try ContextStore.make().user(named: "ann")
    }

    private func makeConversations(_ count: Int) async throws -> [ConversationID] {
        var ids: [ConversationID] = []
        for _ in 0..<count { ids.append(try await ann.makeConversation()) }
        return ids
    }

    private func page(
        _ request: PageRequest<ConversationID>
    ) async throws -> (ids: [ConversationID], hasMore: Bool) {
        let page = try await ann.conversations(request)
        return (page.elements.map(\.id), page.hasMore)
    }

    @Test(arguments: [PageRequest<ConversationID>.Order.ascending, .descending])
    func `pages forward give the whole list once`(
        order: PageRequest<ConversationID>.Order
    ) async throws {
        let made = try await makeConversations(7)
        var read: [ConversationID] = []
        var hasMore = true
        while hasMore {
            let next = try await page(PageRequest(limit: 3, order: order, after: read.last))
            read += next.ids
            hasMore = next.hasMore
        }
        #expect(read == (order == .ascending ? made : made.reversed()))
    }

    @Test(arguments: [PageRequest<ConversationID>.Order.ascending, .descending])
    func `the page before a cursor ends right before it`(
        order: PageRequest<ConversationID>.Order
    ) async throws {
        let made = try await makeConversations(6)
        let list = order == .ascending ? made : made.reversed()
        let near = try await page(PageRequest(limit: 2, order: order, before: list[4]))
        #expect(near.ids == [list[2], list[3]])
        #expect(near.hasMore)
        let start = try await page(PageRequest(limit: 5, order: order, before: list[2]))
        #expect(start.ids == [list[0], list[1]])
        #expect(!start.hasMore)
    }

    @Test func `both cursors bound a list from both sides`() async throws {
        let made = try await makeConversations(6)
        let between = try await page(
            PageRequest(order: .ascending, after: made[1], before: made[4])
        )
        #expect(between.ids == [made[2], made[3]])
        #expect(!between.hasMore)
    }

    @Test func `exactly the rest of a list has no more`() async throws {
        let made = try await makeConversations(3)
        let all = try await page(PageRequest(limit: 3, order: .ascending))
        #expect(all.ids == made)
        #expect(!all.hasMore)
    }

    @Test func `limits are brought within 1 to 100`() {
        #expect(PageRequest<ItemID>(limit: 0).limit == 1)
        #expect(PageRequest<ItemID>(limit: 1_000).limit == 100)
    }

    @Test func `items are listed by position`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("b", id: "b"), to: id)
        _ = try await ann.append(.make("c", id: "c"), to: id)
        let first = try await ann.append(.make("a", id: "a", after: .first), to: id).item
        let all = try await ann.items(of: id, PageRequest(order: .ascending))
        #expect(all.elements.map(\.content) == ["a", "b", "c"])
        let rest = try await ann.items(of: id, PageRequest(order: .ascending, after: first.id))
        #expect(rest.elements.map(\.content) == ["b", "c"])
        let last = try await ann.items(of: id, PageRequest(limit: 1))
        #expect(last.elements.map(\.content) == ["c"])
        #expect(last.hasMore)
    }

    @Test func `a cursor of another list is invalid`() async throws {
        let id = try await ann.makeConversation()
        let other = try await ann.makeConversation()
        let item = try await ann.append(.make("x"), to: other).item
        await #expect(throws: ContextStoreError.invalidCursor) {
            try await ann.items(of: id, PageRequest(after: item.id))
        }
        let unknown = IdentifierGenerator().make(ConversationID.self)
        await #expect(throws: ContextStoreError.invalidCursor) {
            try await ann.conversations(PageRequest(before: unknown))
        }
        let session = try await ann.makeSession(in: other)
        await #expect(throws: ContextStoreError.invalidCursor) {
            try await ann.sessions(of: id, PageRequest(after: session.id))
        }
        let agent = IdentifierGenerator().make(AgentID.self)
        await #expect(throws: ContextStoreError.invalidCursor) {
            try await ann.agents(PageRequest(after: agent))
        }
        let summary = IdentifierGenerator().make(SummaryID.self)
        await #expect(throws: ContextStoreError.invalidCursor) {
            try await ann.summaries(of: id, PageRequest(after: summary))
        }
    }
}
