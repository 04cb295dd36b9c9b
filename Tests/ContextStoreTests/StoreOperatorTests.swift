import Testing

@testable import ContextStore

@Suite struct StoreOperatorTests {
    private let store: ContextStore

    init() throws {
        store = try ContextStore.make()
    }

    @Test func `users are listed in pages, deleted ones left out`() async throws {
        for name in ["a", "b", "c", "d"] {
            _ = try await store.user(named: name).makeConversation()
        }
        try await store.user(named: "b").deleteEverything()
        var pages: [[String]] = []
        for try await page in StoreOperator(store).allUsers(pageSize: 2) {
            pages.append(page.map(\.text))
        }
        #expect(pages == [["a", "c"], ["d"]])
    }

    @Test func `what is deleted between two pages leaves none out`() async throws {
        for name in ["a", "b", "c"] {
            _ = try await store.user(named: name).makeConversation()
        }
        var users: [String] = []
        for try await page in StoreOperator(store).allUsers(pageSize: 1) {
            users += page.map(\.text)
            for user in page { try await store.user(user).deleteEverything() }
        }
        #expect(users == ["a", "b", "c"])
        let ann = store.user()
        for _ in 0..<3 { _ = try await ann.makeConversation() }
        var count = 0
        for try await page in ann.allConversations(pageSize: 1) {
            count += page.count
            for conversation in page { try await ann.deleteConversation(conversation.id) }
            try await StoreOperator(store).purge()
        }
        #expect(count == 3)
    }
}
