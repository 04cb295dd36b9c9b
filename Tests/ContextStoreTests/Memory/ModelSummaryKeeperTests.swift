import Locking
import Testing

@testable import ContextStore

@Suite struct ModelSummaryKeeperTests {
    /// A summarizer that answers by a script, and notes what it was asked.
    private final class ScriptedSummarizer: SegmentSummarizing {
        private let script: @Sendable (SegmentTranscript) throws -> ModelSummary
        private let asked = Mutex<[SegmentTranscript]>([])

        init(_ script: @escaping @Sendable (SegmentTranscript) throws -> ModelSummary) {
            self.script = script
        }

        var questions: [[String]] { asked.withLock { $0.map { $0.messages.map(\.text) } } }

        func summarize(_ segment: SegmentTranscript) async throws -> ModelSummary {
            asked.withLock { $0.append(segment) }
            return try script(segment)
        }
    }

    private let clock = TestClock()
    private let store: ContextStore
    private let ann: UserStore

    init() throws {
        store = try ContextStore.make(clock: clock)
        ann = store.user(named: "ann")
    }

    private func keeper(_ summarizer: ScriptedSummarizer) -> ModelSummaryKeeper {
        ModelSummaryKeeper(store: store, summarizer: summarizer, logger: .silent)
    }

    private func moved(_ segment: SegmentTranscript) -> ModelSummary {
        ModelSummary(
            text: "The user moved to Lyon.",
            facts: [
                ModelFact(
                    text: "Lives in Lyon",
                    slot: .place,
                    key: "",
                    value: "Lyon",
                    hasEnded: false,
                    sources: segment.messages.map(\.id),
                    saidAt: clock.now
                )
            ]
        )
    }

    private func makeEndedSession(_ texts: String...) async throws -> Session {
        let session = try await ann.makeSession()
        let items = texts.map { NewItem.make($0, in: session.id) }
        _ = try await ann.append(items, to: session.conversationID)
        let ended = try await ann.endSession(session.id, reason: "test")
        try await SummaryKeeper(store: store, logger: .silent).catchUp()
        try await store.index()
        return ended
    }

    @Test func `a closed session's summary is the model's, with facts and where they are from`()
        async throws
    {
        let session = try await makeEndedSession("I am in Lyon now.", "Since May I am here.")
        let summarizer = ScriptedSummarizer(moved)
        #expect(try await keeper(summarizer).catchUp() == nil)
        #expect(summarizer.questions == [["I am in Lyon now.", "Since May I am here."]])
        let summary = try #require(
            try await ann.summaries(of: session.conversationID).elements.first
        )
        #expect(summary.text == "The user moved to Lyon." && summary.source == .model)
        let fact = try #require(
            try await ann.facts().elements.first { $0.source == .model }
        )
        #expect(fact.text == "Lives in Lyon" && fact.messages.count == 2)
        #expect(
            try await ann.memoryBlock().summaries == ["14 November 2023: The user moved to Lyon."]
        )
        try await keeper(summarizer).catchUp()
        #expect(summarizer.questions.count == 1)
    }

    @Test func `what is still being said is left alone, until it rests`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("I am in Lyon now."), to: id)
        try await SummaryKeeper(store: store, logger: .silent).catchUp()
        let summarizer = ScriptedSummarizer(moved)
        try await keeper(summarizer).catchUp()
        #expect(summarizer.questions == [])
        clock.advance(.seconds(601))
        try await keeper(summarizer).catchUp()
        #expect(summarizer.questions.count == 1)
    }

    @Test func `where the model gives up, the embedded summary stays, and it is not asked again`()
        async throws
    {
        let session = try await makeEndedSession("I am in Lyon now.")
        let summarizer = ScriptedSummarizer { _ in
            throw SegmentSummaryError.gaveUp(reason: "refused")
        }
        try await keeper(summarizer).catchUp()
        try await keeper(summarizer).catchUp()
        #expect(summarizer.questions.count == 1)
        let summary = try #require(
            try await ann.summaries(of: session.conversationID).elements.first
        )
        #expect(summary.text == "I am in Lyon now." && summary.source == .embedded)
    }

    @Test func `a model that cannot be asked now is asked later`() async throws {
        _ = try await makeEndedSession("I am in Lyon now.")
        let busy = ScriptedSummarizer { _ in
            throw SegmentSummaryError.later(after: .seconds(50))
        }
        #expect(try await keeper(busy).catchUp() == .seconds(50))
        let summarizer = ScriptedSummarizer(moved)
        try await keeper(summarizer).catchUp()
        #expect(summarizer.questions.count == 1)
    }

    @Test func `what was deleted while the model wrote comes back in nothing`() async throws {
        let session = try await makeEndedSession("I am in Lyon now.", "I keep a secret.")
        let user = ann
        let range = try #require(try await store.modelSummaryRange(after: 0))
        let task = try await store.modelSummaryTask(range)
        try await user.deleteItem(try #require(task.items.last).id)
        try await store.store(
            ModelSummary(text: "Keeps a secret.", facts: []),
            for: task
        )
        #expect(try await ann.summaries(of: session.conversationID).elements == [])
        try await SummaryKeeper(store: store, logger: .silent).catchUp()
        let texts = try await ann.summaries(of: session.conversationID).elements.map(\.text)
        #expect(texts == ["I am in Lyon now."])
        let summarizer = ScriptedSummarizer(moved)
        try await keeper(summarizer).catchUp()
        #expect(summarizer.questions == [["I am in Lyon now."]])
    }

    @Test func `a change elsewhere in the conversation throws no answer away`() async throws {
        let session = try await makeEndedSession("I am in Lyon now.")
        let other = try await ann.append(.make("Hi."), to: session.conversationID).item
        let range = try #require(try await store.modelSummaryRange(after: 0))
        let task = try await store.modelSummaryTask(range)
        try await ann.deleteItem(other.id)
        try await store.store(ModelSummary(text: "Is in Lyon.", facts: []), for: task)
        let summary = try #require(
            try await ann.summaries(of: session.conversationID).elements.first
        )
        #expect(summary.text == "Is in Lyon.")
    }

    @Test func `giving a range up does not give up what it became meanwhile`() async throws {
        _ = try await makeEndedSession("I am in Lyon now.", "I keep a secret.")
        let range = try #require(try await store.modelSummaryRange(after: 0))
        let task = try await store.modelSummaryTask(range)
        try await ann.deleteItem(try #require(task.items.last).id)
        try await SummaryKeeper(store: store, logger: .silent).catchUp()
        try await store.giveUp(task)
        #expect(try await store.modelSummaryRange(after: 0)?.pk == range.pk)
    }
}
