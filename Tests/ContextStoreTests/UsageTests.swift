import Testing

@testable import ContextStore

@Suite struct UsageTests {
    private static let day: Int64 = 86_400_000

    private let clock = TestClock(1_795_132_800_000)  // 2026-11-20T00:00:00Z
    private let store: ContextStore
    private let ann: UserStore

    init() throws {
        store = try ContextStore.make(clock: clock)
        ann = store.user(named: "ann")
    }

    private func report(
        _ grouping: UsageGrouping = .day,
        from: Int64 = 0,
        to: Int64 = .max,
        limit: Int = 100,
        of user: UserStore? = nil
    ) async throws -> UsageReport {
        try await (user ?? ann).usage(
            from: Timestamp(milliseconds: from),
            to: Timestamp(milliseconds: to),
            groupBy: grouping,
            limit: limit
        )
    }

    @Test func `everything of a kind is added up, and what has no price is counted`() async throws {
        let session = try await ann.makeSession()
        for number in 1...2 {
            var new = NewUsage.make(in: session, "resp_\(number)", cost: 5)
            new.status = "completed"
            new.tokens.inputText = 1
            new.tokens.inputAudio = 10
            new.tokens.inputImage = 100
            new.tokens.cachedText = 1_000
            new.tokens.cachedAudio = 10_000
            new.tokens.cachedImage = 100_000
            new.tokens.outputText = 1_000_000
            new.tokens.outputAudio = 10_000_000
            new.tokens.reasoning = 100_000_000
            new.milliseconds = 1_500
            #expect(try await ann.recordUsage(new))
        }
        _ = try await ann.recordUsage(.make(in: session, "item_1", source: .transcription))
        let total = try await report().total
        #expect(total.responses == 2 && total.transcriptions == 1 && total.count == 3)
        #expect(total.tokens.inputText == 2 && total.tokens.inputAudio == 20)
        #expect(total.tokens.inputImage == 200 && total.tokens.cachedText == 2_000)
        #expect(total.tokens.cachedAudio == 20_000 && total.tokens.cachedImage == 200_000)
        #expect(total.tokens.outputText == 2_000_000 && total.tokens.outputAudio == 20_000_000)
        #expect(total.tokens.reasoning == 200_000_000 && total.milliseconds == 3_000)
        #expect(total.costNanodollars == 10 && total.unpriced == 1)
    }

    @Test func `usage of one conversation leaves the others out`() async throws {
        let sessions = [try await ann.makeSession(), try await ann.makeSession()]
        for session in sessions {
            _ = try await ann.recordUsage(.make(in: session, "resp_1", cost: 5))
        }
        let only = try await ann.usage(
            of: sessions[0].conversationID,
            from: Timestamp(milliseconds: 0),
            to: Timestamp(milliseconds: .max),
            groupBy: .conversation
        )
        #expect(only.groups.map(\.key) == [sessions[0].conversationID.text])
        #expect(only.total.responses == 1)
        #expect(try await report().total.responses == 2)
    }

    @Test func `the same response counts once in its session, whatever it says later`() async throws
    {
        let session = try await ann.makeSession()
        let other = try await ann.makeSession(in: session.conversationID)
        #expect(try await ann.recordUsage(.make(in: session, "a", cost: 1)))
        #expect(try await !ann.recordUsage(.make(in: session, "a", cost: 100)))
        #expect(try await ann.recordUsage(.make(in: session, "a", source: .transcription, cost: 2)))
        #expect(try await ann.recordUsage(.make(in: other, "a", cost: 3)))
        #expect(try await report().total.costNanodollars == 6)
    }

    @Test func `days are those of UTC, the latest first`() async throws {
        let session = try await ann.makeSession()
        let start = clock.now.milliseconds
        for (id, time) in [
            ("a", start - 1), ("b", start), ("c", start + Self.day - 1), ("d", start + Self.day),
        ] {
            _ = try await ann.recordUsage(.make(in: session, id, at: time, cost: 1))
        }
        let groups = try await report(.day).groups
        #expect(groups.map(\.key) == ["2026-11-21", "2026-11-20", "2026-11-19"])
        #expect(groups.map(\.sum.count) == [1, 2, 1])
    }

    @Test func `a span takes its first moment, and not the one behind its last`() async throws {
        let session = try await ann.makeSession()
        for time in [99, 100, 199, 200] as [Int64] {
            _ = try await ann.recordUsage(.make(in: session, "\(time)", at: time, cost: time))
        }
        let found = try await report(from: 100, to: 200)
        #expect(found.total.costNanodollars == 299 && found.groups.map(\.sum.count) == [2])
        let empty = try await report(from: 300, to: 400)
        #expect(empty.groups == [] && empty.total.count == 0 && empty.total.unpriced == 0)
    }

    @Test func `models and conversations have their own sums`() async throws {
        let one = try await ann.makeSession()
        let two = try await ann.makeSession()
        _ = try await ann.recordUsage(.make(in: one, "a", model: "m", cost: 1))
        _ = try await ann.recordUsage(.make(in: two, "b", model: "n", cost: 2))
        _ = try await ann.recordUsage(.make(in: one, "c", model: "n"))
        let models = try await report(.model).groups
        #expect(models.map(\.key) == ["n", "m"])
        #expect(models.map(\.sum.costNanodollars) == [2, 1])
        #expect(models.map(\.sum.unpriced) == [1, 0])
        let conversations = try await report(.conversation).groups
        #expect(
            conversations.map(\.key) == [one.conversationID.text, two.conversationID.text]
        )
    }

    @Test func `the total has also the groups that are one too many`() async throws {
        let session = try await ann.makeSession()
        for number in 0..<3 as Range<Int64> {
            let time = number * Self.day
            _ = try await ann.recordUsage(.make(in: session, "\(number)", at: time, cost: 1))
        }
        let short = try await report(limit: 2)
        #expect(short.groups.map(\.key) == ["1970-01-03", "1970-01-02"])
        #expect(short.hasMore && short.total.costNanodollars == 3)
        #expect(try await !report(limit: 3).hasMore)
    }

    @Test func `it is a session's of this user, or it is not recorded`() async throws {
        let session = try await ann.makeSession()
        let bob = store.user(named: "bob")
        _ = try await bob.makeConversation()
        await #expect(throws: ContextStoreError.notFound(.session)) {
            try await bob.recordUsage(.make(in: session, "a"))
        }
        _ = try await ann.recordUsage(.make(in: session, "a"))
        #expect(try await report(of: bob).total.count == 0)
        #expect(try await report(of: store.user(named: "nobody")).total.count == 0)
    }

    @Test func `a deleted conversation's usage is gone at once, and then its rows`() async throws {
        let gone = try await ann.makeSession()
        let kept = try await ann.makeSession()
        _ = try await ann.recordUsage(.make(in: gone, "a", cost: 1))
        _ = try await ann.recordUsage(.make(in: kept, "b", cost: 2))
        try await ann.deleteConversation(gone.conversationID)
        #expect(try await report().total.costNanodollars == 2)
        #expect(try await report(.conversation).groups.map(\.key) == [kept.conversationID.text])
        await #expect(throws: ContextStoreError.notFound(.session)) {
            try await ann.recordUsage(.make(in: gone, "c"))
        }
        try await StoreOperator(store).purge()
        #expect(try await store.count("usage") == 1)
        #expect(try await store.check() == [])
        try await ann.deleteEverything()
        try await StoreOperator(store).purge()
        #expect(try await store.count("usage") == 0)
        #expect(try await store.count("users") == 0)
    }
}
