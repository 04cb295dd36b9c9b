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
        let all = StoreOperator(store)
        let first = try await all.users(limit: 2)
        #expect(first.map(\.text) == ["a", "c"])
        #expect(try await all.users(after: first.last, limit: 2).map(\.text) == ["d"])
        await #expect(throws: ContextStoreError.invalidCursor) {
            try await all.users(after: UserID(stored: "b"))
        }
    }
}
