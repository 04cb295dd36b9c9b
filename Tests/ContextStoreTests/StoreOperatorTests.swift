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

    @Test func `sessions that said more than their summary tells are found`() async throws {
        let ann = store.user(named: "ann")
        var sessions: [Session] = []
        for _ in 0..<4 { sessions.append(try await ann.makeSession()) }
        // 0 has no items, 1 no summary, 2 an old summary, 3 a whole one.
        for session in sessions[1...] {
            let items = [NewItem.make("a", in: session.id), .make("b", in: session.id)]
            let stored = try await ann.append(items, to: session.conversationID)
            guard session != sessions[1] else { continue }
            let last = session == sessions[2] ? stored[0] : stored[1]
            let summary = NewSummary.make(of: session.id, to: last.item.position)
            _ = try await ann.storeSummary(summary, of: session.conversationID)
        }
        var found: [SessionID?] = []
        var cursor: SessionID?
        repeat {
            let page = try await StoreOperator(store)
                .unsummarizedSegments(after: cursor, limit: 2)
            found += page.segments.map(\.session)
            cursor = page.next
        } while cursor != nil
        #expect(found == [sessions[1].id, sessions[2].id])
    }
}
