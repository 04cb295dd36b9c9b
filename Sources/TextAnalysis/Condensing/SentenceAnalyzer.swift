/// A sentence, or a part of a long one, as it is kept for condensing.
public struct AnalyzedSentence: Sendable, Equatable {
    /// Its text in one line, with dates written beside relative ones, less what carries nothing.
    public let condensed: String
    /// What it is worth keeping by its form, in hundredths; may be negative.
    public let worth: Int
    /// What it is worth for its length: by this the best of a long history are found.
    public let rank: Int
    /// Its words that carry information, each once.
    public let marks: [WordMark]
}

/// Cuts messages into sentences and says what each is worth.
///
/// The same message after the same one always gives the same, whatever else is known: nothing here
/// depends on when or with what it is indexed.
public struct SentenceAnalyzer: Sendable {
    /// So many sentences of a message are looked at, from its beginning.
    public static let maximumSentences = 200
    /// A sentence is cut at a word when it would likely have more tokens.
    public static let maximumTokens = 60

    /// A sentence is read up to so many characters.
    static let maximumLength = 600
    /// A question earlier in the message before no longer waits for its answer.
    private static let questionReach = 60

    /// Makes an analyzer.
    public init() {}

    /// The sentences of a message.
    ///
    /// - Parameters:
    ///   - text: What was said.
    ///   - speaker: Who said it.
    ///   - day: When.
    ///   - previous: The end of the message before it in its session.
    /// - Returns: The sentences that say something, in their order, at most 200. A long sentence
    ///   may be cut into several; one with more than 600 characters, or 60 tokens, loses its end,
    ///   unless it is of a script beyond Latin, Greek and Cyrillic (``SentencePieces``).
    public func sentences(
        of text: String,
        speaker: Speaker,
        saidOn day: CalendarDay,
        previous: (speaker: Speaker, text: String)?
    ) -> [AnalyzedSentence] {
        let reader = SentenceReader(day: day)
        let question = previous.flatMap { previous in
            previous.speaker != speaker && previous.text.suffix(Self.questionReach).hasQuestion
                ? reader.question(in: previous.text) : nil
        }
        let parts = SentenceSplitter.sentences(of: text, limit: Self.maximumSentences)
            .flatMap { SentencePieces.pieces(of: $0, limit: Self.maximumSentences) }
            .flatMap { Clauses.parts(of: Token.tokens(of: PlainLine.text(of: $0))) }
            .prefix(Self.maximumSentences)
        return parts.enumerated().compactMap { index, part in
            reader.sentence(
                part,
                question: question,
                isFirst: index == 0
            )
        }
    }
}
