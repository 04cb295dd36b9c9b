import Testing

@testable import ContextStore

@Suite struct ChangeFeedTests {
    private func change(_ number: Int) -> ConversationChange {
        ConversationChange(
            user: UserID(stored: "\(number)"),
            conversation: ConversationID(number: 1),
            session: nil
        )
    }

    @Test func `stored, changed and deleted items are told with their session`() async throws {
        let store = try ContextStore.make()
        let ann = store.user(named: "ann")
        let session = try await ann.makeSession()
        let id = session.conversationID
        var changes = store.changes.makeAsyncIterator()
        let inSession = ConversationChange(user: ann.user, conversation: id, session: session.id)
        let outside = ConversationChange(user: ann.user, conversation: id, session: nil)

        let item = try await ann.append(.make("a", id: "a", in: session.id), to: id).item
        #expect(await changes.next()?.segments == [inSession])
        _ = try await ann.append([.make("b"), .make("a+", id: "a")], to: id)
        #expect(await changes.next()?.segments == [inSession, outside])
        try await ann.deleteItem(item.id)
        #expect(await changes.next()?.segments == [inSession])
        try await ann.endSession(session.id, reason: "hangup")
        #expect(await changes.next()?.segments == [inSession])
        try await store.close()
        #expect(await changes.next() == nil)
    }

    @Test func `a report that says nothing new is not told`() async throws {
        let store = try ContextStore.make()
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("a", id: "a"), to: id)
        var changes = store.changes.makeAsyncIterator()
        _ = try await ann.append(.make("a", id: "a"), to: id)
        try await store.close()
        #expect(await changes.next() == nil)
    }

    @Test func `a slow follower finds changes merged`() async {
        let feed = ChangeFeed()
        var changes = feed.follow().makeAsyncIterator()
        for _ in 0..<100 { feed.tell([change(1), change(2)]) }
        #expect(
            await changes.next() == ChangeBatch(segments: [change(1), change(2)], isComplete: true)
        )
        feed.tell([change(3)])
        #expect(await changes.next()?.segments == [change(3)])
    }

    @Test func `beyond the bound the rest is dropped, and that is said`() async {
        let feed = ChangeFeed(capacity: 10)
        var changes = feed.follow().makeAsyncIterator()
        for number in 0..<20 { feed.tell([change(number)]) }
        let first = await changes.next()
        #expect(first?.segments.count == 10)
        #expect(first?.isComplete == false)
        feed.tell([change(1)])
        #expect(await changes.next()?.isComplete == true)
    }

    @Test func `every follower gets its own, and what was told before it ends`() async {
        let feed = ChangeFeed()
        var one = feed.follow().makeAsyncIterator()
        var two = feed.follow().makeAsyncIterator()
        feed.tell([change(1)])
        feed.finish()
        #expect(await one.next()?.segments == [change(1)])
        #expect(await two.next()?.segments == [change(1)])
        #expect(await one.next() == nil)
        #expect(await two.next() == nil)
        var late = feed.follow().makeAsyncIterator()
        #expect(await late.next() == nil)
    }
}
