internal import Glibc
internal import HeapModule

/// A sentence that may stand in a condensed history.
public struct CondenserCandidate: Sendable, Equatable {
    /// Names the sentence's message.
    public let item: Int64
    /// Its place among the message's sentences.
    public let ordinal: Int
    /// Its place in time among all candidates.
    public var order: Int
    /// When it was said.
    public let day: CalendarDay
    /// Names the session that it was said in.
    public var session: Int
    /// Who said it.
    public let speaker: Speaker
    /// Its text in one line, shortened.
    public let text: String
    /// The measure of the text.
    public let measure: TextMeasure
    /// What it is worth by its own text (``AnalyzedSentence/worth``).
    public let worth: Int
    /// Marks of its words of substance.
    public let marks: [UInt32]

    /// Makes a candidate from its parts.
    public init(
        item: Int64,
        ordinal: Int,
        order: Int,
        day: CalendarDay,
        session: Int,
        speaker: Speaker,
        text: String,
        worth: Int,
        marks: [UInt32]
    ) {
        self.item = item
        self.ordinal = ordinal
        self.order = order
        self.day = day
        self.session = session
        self.speaker = speaker
        self.text = text
        self.worth = worth
        self.marks = marks
        measure = TextMeasure(text)
    }
}

/// Chooses the sentences that say most in a number of tokens.
///
/// A sentence is worth what its own text says, and what its words tell: the rarer a word among all
/// candidates, the more, and half as much each time that it was told already. The best for their
/// length come first. Pure and deterministic.
public struct Condenser: Sendable {
    /// What a word that stands in one sentence alone adds, in hundredths.
    static let wordWorth = 60
    /// What a sentence costs beside its own tokens; keeps very short ones from winning.
    static let overheadTokens = 10
    /// What the newest sentence has over the oldest, in hundredths: a mild preference.
    private static let recency = 20.0
    /// What a word is worth each further time that it is told.
    private static let repetition = 0.5

    /// Makes a condenser.
    public init() {}

    /// The candidates worth keeping, best first, up to a number of tokens.
    ///
    /// - Parameters:
    ///   - candidates: In the order of time.
    ///   - tokens: How many tokens their texts may have together.
    /// - Returns: The chosen ones; a prefix is the best choice for a smaller number.
    public func ranking(of candidates: [CondenserCandidate], tokens: Int) -> [CondenserCandidate] {
        var worths = Worths(candidates)
        var heap = Heap(candidates.indices.map { Entry(index: $0, gain: worths.gain(of: $0)) })
        var ranking: [CondenserCandidate] = []
        var left = tokens
        while left > 0, let best = heap.max, best.gain > 0 {
            // Gains only fall as words are told, so an entry that is still best is the best.
            let gain = worths.gain(of: best.index)
            if gain < best.gain {
                heap.replaceMax(with: Entry(index: best.index, gain: gain))
                continue
            }
            heap.removeMax()
            left -= candidates[best.index].measure.tokens
            guard left >= 0 else { break }
            ranking.append(candidates[best.index])
            worths.tell(best.index)
        }
        return ranking
    }

    /// A candidate in the queue; the earlier one of two equals comes first.
    private struct Entry: Comparable {
        let index: Int
        let gain: Double

        static func < (left: Entry, right: Entry) -> Bool {
            (left.gain, right.index) < (right.gain, left.index)
        }
    }

    /// What each candidate would add to those that were told.
    private struct Worths {
        private let candidates: [CondenserCandidate]
        private var wordWorth: [UInt32: Double] = [:]

        init(_ candidates: [CondenserCandidate]) {
            self.candidates = candidates
            var counts: [UInt32: Int] = [:]
            for candidate in candidates {
                for mark in candidate.marks { counts[mark, default: 0] += 1 }
            }
            let total = Double(candidates.count)
            wordWorth = counts.mapValues { count in
                let rarity = total > 1 ? 1 - log(Double(count)) / log(total) : 1
                return Double(Condenser.wordWorth) * rarity
            }
        }

        func gain(of index: Int) -> Double {
            let candidate = candidates[index]
            var worth = Double(candidate.worth)
            worth += recency * Double(index) / Double(candidates.count)
            for mark in candidate.marks { worth += wordWorth[mark] ?? 0 }
            return worth / Double(candidate.measure.tokens + overheadTokens)
        }

        mutating func tell(_ index: Int) {
            for mark in candidates[index].marks { wordWorth[mark]? *= repetition }
        }
    }
}
