/// A sentence, or a part of a long one, as it is kept for condensing.
public struct AnalyzedSentence: Sendable, Equatable {
    /// Its text in one line, with dates written beside relative ones, less what carries nothing.
    public let condensed: String
    /// What it is worth keeping by its own text, in hundredths; may be negative.
    public let worth: Int
    /// What it is worth for its length: by this the best of a long history are found.
    public let rank: Int
    /// Marks of its words of substance (``WordMark``), each once.
    public let marks: [UInt32]
}

/// Cuts messages into sentences, shortens them, and says what each is worth.
///
/// What it says of a sentence depends on nothing but the message and the end of the one before it,
/// so that it can be kept, and is the same whenever it is made.
public struct SentenceAnalyzer {
    /// More sentences of one message are not looked at.
    public static let maximumSentences = 200
    /// A sentence of more tokens is cut at a word.
    public static let maximumTokens = 60
    /// A part of a sentence stands alone with at least so many words on either side.
    private static let minimumPartWords = 5

    private let names: Set<String>
    private let nameStems: Set<String>
    private let substance = Substance()

    /// Makes an analyzer.
    ///
    /// - Parameter names: The names of the speakers, as far as they are known.
    public init(names: [String] = []) {
        self.names = Set(names.flatMap(Words.queryTerms))
        nameStems = Set(self.names.flatMap(substance.stems))
    }

    /// The sentences of a message that say something, in their order.
    ///
    /// - Parameters:
    ///   - text: What was said.
    ///   - day: When.
    ///   - previous: The end of the message before it in its session, by another speaker; nil
    ///     when there is none.
    /// - Returns: At most 200 sentences.
    public func sentences(
        of text: String,
        saidOn day: CalendarDay,
        previous: String?
    ) -> [AnalyzedSentence] {
        let dates = RelativeDates(saidOn: day)
        let telegram = Telegram(names: names, substance: substance)
        let isAnswer = previous.map(Self.asks) ?? false
        let parts = SentenceSplitter.sentences(of: text, limit: Self.maximumSentences)
            .flatMap(Self.parts)
        return parts.enumerated().compactMap { index, part in
            let condensed = QuotedText.line(
                telegram.shortened(dates.annotated(part)),
                maximumTokens: Self.maximumTokens
            )
            guard condensed.contains(where: { $0.isLetter || $0.isNumber }) else { return nil }
            let worth = SentenceFeatures.worth(
                of: part,
                names: names,
                isAnswer: isAnswer,
                isLast: index == parts.count - 1
            )
            let stems = substance.stems(in: part).filter { !nameStems.contains($0) }
            return AnalyzedSentence(
                condensed: condensed,
                worth: worth,
                rank: Self.rank(worth, stems.count, TokenEstimate.tokens(in: condensed)),
                marks: stems.map(WordMark.of)
            )
        }
    }

    /// Whether the end of a message asks something.
    private static func asks(_ ending: String) -> Bool {
        ending.suffix(60).hasQuestion
    }

    /// As ``Condenser`` ranks, with what words tell on the average.
    private static func rank(_ worth: Int, _ words: Int, _ tokens: Int) -> Int {
        (worth + words * Condenser.wordWorth * 7 / 10) * 100 / (tokens + Condenser.overheadTokens)
    }

    /// A long sentence at its dashes, semicolons, and conjunctions that begin another thought.
    private static func parts(of sentence: String) -> [String] {
        let words = sentence.replacing("—", with: " — ").split(whereSeparator: \.isWhitespace)
        var parts: [[Substring]] = [[]]
        for (index, word) in words.enumerated() {
            let isDash = word.allSatisfy { "-–—".contains($0) }
            let begins = index > 0 && beginsThought(words, index)
            let rest = words.count - index - (isDash ? 1 : 0)
            let current = parts[parts.count - 1].count
            if word.first == "[" {
                // A remark in brackets stands alone.
                parts.append([word])
            } else if isDash || begins, current >= minimumPartWords, rest >= minimumPartWords {
                parts.append(isDash ? [] : [word])
            } else {
                parts[parts.count - 1].append(word)
            }
        }
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: " ") }
    }

    private static func beginsThought(_ words: [Substring], _ index: Int) -> Bool {
        let previous = words[index - 1]
        if previous.last == ";" { return true }
        guard previous.last == "," else { return false }
        switch words[index].lowercased() {
        case "but", "so": return true
        case "and":
            guard index + 1 < words.count else { return false }
            return subjects.contains(words[index + 1].lowercased())
        default: return false
        }
    }

    private static let subjects: Set<String> = ["i", "we", "it", "they", "he", "she", "my"]
}

/// Words as numbers, for counting them without keeping them.
public enum WordMark {
    /// The mark of a stem: FNV-1a, 32 bits (RFC 9923).
    ///
    /// Two of a few thousand words seldom share one; then they count as the same word.
    static func of(_ stem: String) -> UInt32 {
        stem.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}
