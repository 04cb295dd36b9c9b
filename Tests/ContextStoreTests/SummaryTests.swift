import Testing

@testable import ContextStore

@Suite struct SummaryTests {
    private let clock = TestClock()
    private let ann: UserStore

    init() throws {
        ann = try ContextStore.make(clock: clock).user(named: "ann")
    }

    @Test func `a newer summary of a segment takes the place of the older`() async throws {
        let session = try await ann.makeSession()
        let id = session.conversationID
        let old = try await ann.storeSummary(.make("old", of: session.id), of: id)
        clock.advance(.seconds(5))
        let new = try await ann.storeSummary(.make("new", of: session.id, to: 131_072), of: id)
        #expect(new.id == old.id)
        #expect(new.text == "new")
        #expect(new.toPosition == 131_072)
        #expect(new.createdAt == clock.now)
        let outside = try await ann.storeSummary(.make("outside"), of: id)
        #expect(outside.sessionID == nil)
        #expect(try await ann.storeSummary(.make("again"), of: id).id == outside.id)
        let all = try await ann.summaries(of: id, PageRequest(order: .ascending)).elements
        #expect(all.map(\.text) == ["new", "again"])
    }

    @Test func `the summaries of what was said last come first, whenever they were written`()
        async throws
    {
        var conversations: [ConversationID] = []
        for number in 0..<4 {
            let id = try await ann.makeConversation()
            let summary = NewSummary.make("\(number)", saidAt: Int64(number) * 1_000)
            _ = try await ann.storeSummary(summary, of: id)
            conversations.append(id)
        }
        #expect(try await ann.latestSummaries(limit: 3).map(\.text) == ["3", "2", "1"])
        let one = try await ann.latestSummaries(of: conversations[1], limit: 3)
        #expect(one.map(\.text) == ["1"])
        clock.advance(.seconds(1))
        _ = try await ann.storeSummary(.make("0 again"), of: conversations[0])
        let texts = try await ann.latestSummaries(limit: 4).map(\.text)
        #expect(texts == ["3", "2", "1", "0 again"])
    }

    @Test func `deleting an item deletes the summaries that cover it`() async throws {
        let id = try await ann.makeConversation()
        let items = try await ann.append((0..<4).map { .make("\($0)") }, to: id).map(\.item)
        let session = try await ann.makeSession(in: id)
        let covering = NewSummary.make(from: items[0].position, to: items[2].position)
        let behind = NewSummary.make(
            of: session.id,
            from: items[3].position,
            to: items[3].position
        )
        _ = try await ann.storeSummary(covering, of: id)
        _ = try await ann.storeSummary(behind, of: id)
        try await ann.deleteItem(items[1].id)
        #expect(try await ann.summaries(of: id).elements.map(\.sessionID) == [session.id])
    }

    @Test func `a summary made of an item that was deleted meanwhile is refused`() async throws {
        let id = try await ann.makeConversation()
        let item = try await ann.append(.make("secret"), to: id).item
        let segment = try await ann.segment(of: id, session: nil, .first, limit: 10)
        try await ann.deleteItem(item.id)
        let summary = NewSummary.make("secret", revision: segment.revision)
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.storeSummary(summary, of: id)
        }
        guard case .conflict("summary_outdated", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let now = try await ann.segment(of: id, session: nil, .first, limit: 10)
        _ = try await ann.storeSummary(.make(revision: now.revision), of: id)
    }

    @Test func `a summary goes on naming its items when they are spread`() async throws {
        let id = try await ann.makeConversation()
        let items = (0..<3).map { NewItem.make("\($0)", id: "\($0)") }
        let stored = try await ann.append(items, to: id).map(\.item)
        _ = try await ann.storeSummary(
            .make(from: stored[1].position, to: stored[2].position),
            of: id
        )
        // They use up the gap before item 1, so that it has to move.
        let crowd = (0..<600).map { NewItem.make("x", id: "x\($0)", after: .after("0")) }
        _ = try await ann.append(crowd, to: id)
        let now = try await (ann.item(stored[1].id), ann.item(stored[2].id))
        #expect(now.0.position != stored[1].position)
        let summary = try #require(try await ann.summaries(of: id).elements.first)
        #expect(summary.fromPosition == now.0.position)
        #expect(summary.toPosition == now.1.position)
    }

    @Test func `moving items outdates the summaries that they are in`() async throws {
        let id = try await ann.makeConversation()
        let items = ["b", "x", "a"].map { NewItem.make($0, id: $0) }
        let stored = try await ann.append(items, to: id).map(\.item)
        _ = try await ann.storeSummary(
            .make(from: stored[0].position, to: stored[2].position),
            of: id
        )
        _ = try await ann.append(.make("b", id: "b", after: .after("a")), to: id)
        #expect(try await ann.contents(of: id) == ["x", "a", "b"])
        #expect(try await ann.summaries(of: id).elements == [])
    }
}
