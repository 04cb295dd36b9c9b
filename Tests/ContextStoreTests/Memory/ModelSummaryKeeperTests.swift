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
        let range = try #require(try await store.modelSummaryRange())
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
        let range = try #require(try await store.modelSummaryRange())
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
        let range = try #require(try await store.modelSummaryRange())
        let task = try await store.modelSummaryTask(range)
        try await ann.deleteItem(try #require(task.items.last).id)
        try await SummaryKeeper(store: store, logger: .silent).catchUp()
        try await store.giveUp(task)
        #expect(try await store.modelSummaryRange()?.pk == range.pk)
    }

    /// Fails at what holds a word.
    private func failing(at word: String) -> ScriptedSummarizer {
        ScriptedSummarizer { [moved] segment in
            guard !segment.messages.contains(where: { $0.text.contains(word) }) else {
                throw SegmentSummaryError.failed(reason: "503", after: .seconds(300))
            }
            return moved(segment)
        }
    }

    @Test func `an outage gives nothing up, and few are asked for in it`() async throws {
        for number in 0..<5 { _ = try await makeEndedSession("I am in Lyon now, day \(number).") }
        let down = failing(at: "Lyon")
        let keeper = keeper(down)
        for _ in 0..<10 { #expect(try await keeper.catchUp() == .seconds(300)) }
        #expect(down.questions.count == 30)
        let summarizer = ScriptedSummarizer(moved)
        #expect(try await self.keeper(summarizer).catchUp() == nil)
        #expect(summarizer.questions.count == 5)
    }

    @Test func `what fails again and again while others do not is given up`() async throws {
        _ = try await makeEndedSession("I am poison.")
        let summarizer = failing(at: "poison")
        let keeper = keeper(summarizer)
        for number in 0..<3 {
            // Without another that is answered, nobody knows what it lies in.
            #expect(try await keeper.catchUp() == .seconds(300))
            _ = try await makeEndedSession("I am in Lyon now, day \(number).")
            #expect(try await keeper.catchUp() == .seconds(300))
        }
        #expect(try await keeper.catchUp() == nil)
        #expect(summarizer.questions.count == 3 + 6)
    }

    @Test func `the latest is summarised first, also what was closed meanwhile`() async throws {
        let texts = ["I am in Lyon now.", "I am in Oslo now.", "I am in Rome now."]
        for text in texts.dropLast() { _ = try await makeEndedSession(text) }
        let range = try #require(try await store.modelSummaryRange())
        #expect(try await store.modelSummaryTask(range).items.map(\.content) == [texts[1]])
        try await store.giveUp(store.modelSummaryTask(range))
        _ = try await makeEndedSession(texts[2])
        let summarizer = ScriptedSummarizer(moved)
        try await keeper(summarizer).catchUp()
        #expect(summarizer.questions == [[texts[2]], [texts[0]]])
    }

    @Test func `of two brokers' answers to one range the first stays`() async throws {
        let session = try await makeEndedSession("I am in Lyon now.")
        let range = try #require(try await store.modelSummaryRange())
        let task = try await store.modelSummaryTask(range)
        let answer = moved(SegmentTranscript(user: range.user, items: task.items))
        var other = answer
        other.text = "The user lives in Lyon."
        other.facts[0].value = "Lyon, France"
        try await store.store(answer, for: task)
        try await store.store(other, for: task)
        let texts = try await ann.summaries(of: session.conversationID).elements.map(\.text)
        #expect(texts == ["The user moved to Lyon."])
        let facts = try await ann.facts().elements.filter { $0.source == .model }
        #expect(facts.map(\.value) == ["Lyon"])
    }

    @Test func `a model's facts end no others by keys that it was not told of`() async throws {
        _ = try await makeEndedSession("I live in Lyon.", "I come from the sea.")
        let summarizer = ScriptedSummarizer { [moved] segment in
            var answer = moved(segment)
            answer.facts = ["old harbour", "sea"].map { value in
                var fact = answer.facts[0]
                (fact.key, fact.value, fact.text) = ("favourite", value, "Likes the \(value)")
                return fact
            }
            return answer
        }
        try await keeper(summarizer).catchUp()
        let facts = try await ann.facts().elements
        #expect(facts.count == 3)
        #expect(facts.allSatisfy { $0.until == nil })
    }
}
