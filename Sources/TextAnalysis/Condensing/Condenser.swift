internal import Glibc
internal import HeapModule

/// Chooses the sentences that say most in a number of tokens.
///
/// A sentence is worth what its form says, and what its words tell: the rarer a word among all
/// candidates, the more, and less each time that it was told already. The best for their length
/// come first; what says nearly the same as a chosen one is left out. Pure and deterministic.
public struct Condenser: Sendable {
    /// What a plain word adds that stands in no other sentence, in hundredths.
    private static let wordWorth = 60.0
    /// How rare a word is on the average, while nothing is known of others.
    private static let middlingRarity = 0.6
    /// A word that was said once is a little more telling than its rarity says.
    private static let onceFactor = 1.2
    /// What a word is worth each further time that it is told.
    private static let repetition = 0.8
    /// A sentence costs attention as so many tokens would; keeps very short ones from winning.
    private static let lineTokens = 12
    /// What the newest sentence has over the oldest, in hundredths: little, as age alone makes
    /// nothing less true.
    private static let recency = 20.0

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
        var told = ToldSentences()
        var ranking: [CondenserCandidate] = []
        var left = tokens
        while left > 0, let best = heap.max, best.gain > 0 {
            // Gains only fall as words are told, so an entry that is still best is the best
            // (Minoux, "Accelerated greedy algorithms for maximizing submodular set functions").
            let gain = worths.gain(of: best.index)
            if gain < best.gain {
                heap.replaceMax(with: Entry(index: best.index, gain: gain))
                continue
            }
            heap.removeMax()
            let candidate = candidates[best.index]
            if told.says(candidate.marks) { continue }
            left -= candidate.measure.tokens
            guard left >= 0 else { break }
            ranking.append(candidate)
            worths.tell(candidate.marks)
            told.insert(candidate.marks)
        }
        return ranking
    }

    /// What a sentence is worth for its length, while nothing is known of others.
    static func expectedRank(worth: Double, marks: [WordMark], tokens: Int) -> Int {
        let words = marks.reduce(0) { $0 + $1.weight } * wordWorth * middlingRarity
        return Int((worth * 100 + words) * 100) / (tokens + lineTokens)
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
        /// What a plain word of a stem adds now.
        private var wordWorth: [UInt32: Double] = [:]

        init(_ candidates: [CondenserCandidate]) {
            self.candidates = candidates
            var counts: [UInt32: Int] = [:]
            for candidate in candidates {
                for mark in candidate.marks { counts[mark.stem, default: 0] += 1 }
            }
            let total = Double(candidates.count)
            wordWorth = counts.mapValues { count in
                let rarity = total > 1 ? 1 - log(Double(count)) / log(total) : 1
                return Condenser.wordWorth * rarity * (count == 1 ? onceFactor : 1)
            }
        }

        func gain(of index: Int) -> Double {
            let candidate = candidates[index]
            var worth = Double(candidate.worth)
            worth += recency * Double(index) / Double(candidates.count)
            for mark in candidate.marks { worth += (wordWorth[mark.stem] ?? 0) * mark.weight }
            return worth / Double(candidate.measure.tokens + lineTokens)
        }

        mutating func tell(_ marks: [WordMark]) {
            for mark in marks { wordWorth[mark.stem]? *= repetition }
        }
    }
}

/// The sentences that were chosen, by their words, to see which others say the same.
private struct ToldSentences {
    /// A sentence that shares so much of its words with a chosen one says the same.
    private static let sameShare = 0.8
    /// Sentences with fewer words are too short to tell.
    private static let comparedWords = 3
    /// So many of the sentences that have a word are compared at most.
    private static let maximumCompared = 64

    private var counts: [Int] = []
    private var holders: [UInt32: [Int]] = [:]

    func says(_ marks: [WordMark]) -> Bool {
        guard marks.count >= Self.comparedWords else { return false }
        var shared: [Int: Int] = [:]
        for mark in marks {
            for holder in holders[mark.stem] ?? [] { shared[holder, default: 0] += 1 }
        }
        return shared.contains { holder, count in
            Double(count) >= Self.sameShare * Double(max(marks.count, counts[holder]))
        }
    }

    mutating func insert(_ marks: [WordMark]) {
        for mark in marks where holders[mark.stem]?.count ?? 0 < Self.maximumCompared {
            holders[mark.stem, default: []].append(counts.count)
        }
        counts.append(marks.count)
    }
}
