import Testing

@testable import ContextStore

@Suite struct SummaryKeeperTests {
    private let store: ContextStore
    private let ann: UserStore
    private let keeper: SummaryKeeper

    init() throws {
        store = try ContextStore.make()
        ann = store.user(named: "ann")
        keeper = SummaryKeeper(store: store, logger: .silent)
    }

    private func summaries(of id: ConversationID) async throws -> [Summary] {
        try await ann.summaries(of: id, PageRequest(order: .ascending)).elements
    }

    @Test func `each session of a conversation has a summary, and so has what is outside`()
        async throws
    {
        let session = try await ann.makeSession()
        let id = session.conversationID
        let items = try await ann.append(
            [.make("I moved to Lyon.", in: session.id), .make("My dog is Rex.", in: session.id)],
            to: id
        ).map(\.item)
        _ = try await ann.append(.make("I like tea."), to: id)
        try await keeper.catchUp()
        let all = try await summaries(of: id).sorted { $0.fromPosition < $1.fromPosition }
        #expect(all.map(\.sessionID) == [session.id, nil])
        #expect(all[0].text == "I moved to Lyon. My dog is Rex.")
        #expect(all[0].firstItem == items[0].id && all[0].lastItem == items[1].id)
        #expect(all[0].itemCount == 2 && all[0].source == .embedded)
        #expect(all[0].version == ExtractiveSummarizer.version)
    }

    @Test func `a summary grows with its session, and is never doubled`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("I moved to Lyon."), to: id)
        try await keeper.catchUp()
        let first = try #require(try await summaries(of: id).first)
        _ = try await ann.append(.make("My dog is Rex."), to: id)
        async let one: Void = keeper.catchUp()
        async let two: Void = SummaryKeeper(store: store, logger: .silent).catchUp()
        _ = try await (one, two)
        let all = try await summaries(of: id)
        #expect(all.map(\.id) == [first.id])
        #expect(all.map(\.text) == ["I moved to Lyon. My dog is Rex."])
        try await keeper.catchUp()
        #expect(try await summaries(of: id) == all)
    }

    @Test func `a long segment has several summaries, one after the other`() async throws {
        let id = try await ann.makeConversation()
        let texts = (0..<450).map { NewItem.make("I have seen place \($0).") }
        let items = try await ann.append(texts, to: id).map(\.item)
        try await keeper.catchUp()
        let all = try await summaries(of: id)
        #expect(all.map(\.itemCount) == [200, 200, 50])
        #expect(all.map(\.firstItem) == [items[0].id, items[200].id, items[400].id])
        #expect(all.map(\.lastItem) == [items[199].id, items[399].id, items[449].id])
        _ = try await ann.append(.make("I am home again."), to: id)
        try await keeper.catchUp()
        let now = try await summaries(of: id)
        #expect(now.map(\.id) == all.map(\.id))
        #expect(now.map(\.itemCount) == [200, 200, 51])
        #expect(Array(now.prefix(2)) == Array(all.prefix(2)))
    }

    @Test func `what is deleted is gone from the summary at once, and the rest is made anew`()
        async throws
    {
        let id = try await ann.makeConversation()
        let texts = ["I moved to Lyon.", "I have a secret.", "My dog is Rex."]
        let items = try await ann.append(texts.map { .make($0) }, to: id).map(\.item)
        try await keeper.catchUp()
        try await ann.deleteItem(items[1].id)
        #expect(try await summaries(of: id) == [])
        try await keeper.catchUp()
        #expect(try await summaries(of: id).map(\.text) == ["I moved to Lyon. My dog is Rex."])
        try await ann.deleteItem(items[0].id)
        try await ann.deleteItem(items[2].id)
        try await keeper.catchUp()
        #expect(try await summaries(of: id) == [])
        #expect(try await store.count("summaries") == 0)
    }

    @Test func `what comes in between belongs to the summary of its place`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("I moved to Lyon.", id: "a"), to: id)
        _ = try await ann.append(.make("My dog is Rex.", id: "c", after: .after("b")), to: id)
        try await keeper.catchUp()
        _ = try await ann.append(.make("My cat is Tom.", id: "b", after: .after("a")), to: id)
        try await keeper.catchUp()
        let texts = try await summaries(of: id).map(\.text)
        #expect(texts == ["I moved to Lyon. My cat is Tom. My dog is Rex."])
    }

    @Test func `what comes before all that is summarised belongs to the first summary`()
        async throws
    {
        let session = try await ann.makeSession()
        let id = session.conversationID
        let answer = NewItem.make(
            "How lovely!",
            id: "b",
            after: .after("a"),
            in: session.id,
            role: .assistant
        )
        _ = try await ann.append(answer, to: id)
        try await keeper.catchUp()
        _ = try await ann.append(
            .make("I moved to Lyon.", id: "a", after: .first, in: session.id),
            to: id
        )
        try await keeper.catchUp()
        let all = try await summaries(of: id)
        #expect(all.count == 1 && all.first?.itemCount == 2)
        #expect(all.first?.text.hasPrefix("I moved to Lyon.") == true)
    }

    @Test func `a message that is completed later is summarised as it is then`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("I moved", id: "a", status: .inProgress), to: id)
        try await keeper.catchUp()
        _ = try await ann.append(.make("I moved to Lyon.", id: "a"), to: id)
        try await keeper.catchUp()
        #expect(try await summaries(of: id).map(\.text) == ["I moved to Lyon."])
    }

    @Test func `a keeper goes on where another one ended`() async throws {
        let directory = try TemporaryDirectory()
        let first = try ContextStore.make(at: directory.file())
        let id = try await first.user().makeConversation()
        _ = try await first.user().append(.make("I moved to Lyon."), to: id)
        try await SummaryKeeper(store: first, logger: .silent).catchUp()
        let other = try await first.user().makeConversation()
        _ = try await first.user().append(.make("My dog is Rex."), to: other)
        try await first.close()

        let second = try ContextStore.make(at: directory.file())
        let step = try await second.summaryStep(limit: 10)
        #expect(step.segments.map(\.conversation) == [other])
        try await SummaryKeeper(store: second, logger: .silent).catchUp()
        #expect(try await second.user().summaries(of: other).elements.count == 1)
        #expect(try await second.summaryStep(limit: 10).segments == [])
        try await second.close()
    }

    @Test func `a summary made of an item that was deleted meanwhile is refused`() async throws {
        let id = try await ann.makeConversation()
        let item = try await ann.append(.make("secret"), to: id).item
        let segment = try await ann.segment(of: id, session: nil, .first, limit: 10)
        try await ann.deleteItem(item.id)
        await #expect(throws: ContextStoreError.summaryOutdated) {
            try await ann.storeSummary(.make("secret", revision: segment.revision), of: id)
        }
        #expect(try await store.count("summaries") == 0)
    }

    @Test func `a summary made of a message that was rewritten meanwhile is refused`() async throws
    {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("I moved", id: "a", status: .inProgress), to: id)
        let segment = try await ann.segment(of: id, session: nil, .first, limit: 10)
        _ = try await ann.append(.make("I moved to Lyon.", id: "a"), to: id)
        await #expect(throws: ContextStoreError.summaryOutdated) {
            try await ann.storeSummary(.make("I moved", revision: segment.revision), of: id)
        }
    }

    @Test func `a summary goes on naming its items when they are spread`() async throws {
        let id = try await ann.makeConversation()
        let items = (0..<3).map { NewItem.make("I am \($0).", id: String($0)) }
        let stored = try await ann.append(items, to: id).map(\.item)
        let revision = try await ann.segment(of: id, session: nil, .first, limit: 1).revision
        try await ann.storeSummary(
            .make(from: stored[0].position, to: stored[1].position, revision: revision),
            of: id
        )
        // They use up the gap behind item 1, so that it has to move.
        let crowd = (0..<600).map { NewItem.make("x", id: "x\($0)", after: .after("1")) }
        _ = try await ann.append(crowd, to: id)
        let now = try await (ann.item(stored[0].id), ann.item(stored[1].id))
        #expect(now.1.position != stored[1].position)
        let summary = try #require(try await summaries(of: id).first)
        #expect(summary.firstItem == now.0.id && summary.lastItem == now.1.id)
    }

    @Test func `moving items outdates the summaries that they are in`() async throws {
        let id = try await ann.makeConversation()
        let items = ["b", "x", "a"].map { (id: String) in
            NewItem.make("I like \(id) a lot.", id: id)
        }
        _ = try await ann.append(items, to: id)
        try await keeper.catchUp()
        _ = try await ann.append(.make("b", id: "b", after: .after("a")), to: id)
        #expect(try await summaries(of: id) == [])
        try await keeper.catchUp()
        #expect(
            try await summaries(of: id).map(\.text) == ["I like x a lot. I like a a lot."]
        )
    }

    @Test func `nothing to summarise is said, and another user has no such conversation`()
        async throws
    {
        let id = try await ann.makeConversation()
        #expect(try await keeper.summarize(id, of: ann) == nil)
        _ = try await ann.append(.make("I moved to Lyon."), to: id)
        #expect(try await keeper.summarize(id, of: ann)?.text == "I moved to Lyon.")
        await #expect(throws: ContextStoreError.notFound(.conversation)) {
            try await keeper.summarize(id, of: store.user(named: "bob"))
        }
    }

    @Test func `a change in one session leaves the summaries of others alone`() async throws {
        let first = try await ann.makeSession()
        let id = first.conversationID
        let second = try await ann.makeSession(in: id)
        let item = try await ann.append(.make("I moved to Lyon.", in: first.id), to: id).item
        _ = try await ann.append(.make("I have a dog.", in: first.id), to: id)
        _ = try await ann.append(.make("I like tea.", in: second.id), to: id)
        try await keeper.catchUp()
        try await ann.deleteItem(item.id)
        let texts = try await summaries(of: id).map(\.text)
        #expect(texts == ["", "I like tea."] || texts == ["I like tea."])
    }

    @Test func `a full summary covers all of its range when more came into it`() async throws {
        let id = try await ann.makeConversation()
        let items = (0..<250).map { NewItem.make("I saw \($0).", id: "i\($0)") }
        _ = try await ann.append(items, to: id)
        try await keeper.catchUp()
        let before = try await summaries(of: id)
        #expect(before.map(\.itemCount) == [200, 50])
        _ = try await ann.append(
            (0..<3).map { .make("I heard \($0).", id: "l\($0)", after: .after("i10")) },
            to: id
        )
        try await keeper.catchUp()
        let after = try await summaries(of: id).sorted { $0.fromPosition < $1.fromPosition }
        #expect(after.map(\.itemCount) == [203, 50])
        #expect(after.map(\.toPosition) == before.map(\.toPosition))
    }

    @Test func `a message that turns out to be of a session leaves the other summary`() async throws
    {
        let session = try await ann.makeSession()
        let id = session.conversationID
        _ = try await ann.append(
            [.make("I moved to Lyon.", id: "a"), .make("I like tea.", id: "b")],
            to: id
        )
        try await keeper.catchUp()
        _ = try await ann.append(.make("I like tea.", id: "b", in: session.id), to: id)
        _ = try await ann.append(.make("I have a dog.", id: "c", in: session.id), to: id)
        try await keeper.catchUp()
        let all = try await summaries(of: id).sorted { $0.fromPosition < $1.fromPosition }
        #expect(all.map(\.text) == ["I moved to Lyon.", "I like tea. I have a dog."])
    }
}
