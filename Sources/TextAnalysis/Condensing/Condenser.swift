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
        var told = ToldSentences(wordCount: worths.wordCount)
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
            let words = worths.words[best.index]
            if told.says(words) { continue }
            left -= candidate.measure.tokens
            guard left >= 0 else { break }
            ranking.append(candidate)
            worths.tell(best.index)
            told.insert(words)
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
        /// The words of each candidate, as numbers from 0.
        let words: [[Int]]
        /// What a plain word adds now.
        private var wordWorth: [Double]

        init(_ candidates: [CondenserCandidate]) {
            self.candidates = candidates
            var numbers: [UInt32: Int] = [:]
            var counts: [Int] = []
            words = candidates.map { candidate in
                candidate.marks.map { mark in
                    let number = numbers[mark.stem] ?? counts.count
                    if number == counts.count {
                        numbers[mark.stem] = number
                        counts.append(0)
                    }
                    counts[number] += 1
                    return number
                }
            }
            let total = Double(candidates.count)
            wordWorth = counts.map { count in
                let rarity = total > 1 ? 1 - log(Double(count)) / log(total) : 1
                return Condenser.wordWorth * rarity * (count == 1 ? onceFactor : 1)
            }
        }

        /// How many different words there are.
        var wordCount: Int { wordWorth.count }

        func gain(of index: Int) -> Double {
            let candidate = candidates[index]
            var worth = Double(candidate.worth)
            worth += recency * Double(index) / Double(candidates.count)
            for (mark, word) in zip(candidate.marks, words[index]) {
                worth += wordWorth[word] * mark.weight
            }
            return worth / Double(candidate.measure.tokens + lineTokens)
        }

        mutating func tell(_ index: Int) {
            for word in words[index] { wordWorth[word] *= repetition }
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
    /// By word, the sentences that have it.
    private var holders: [[Int]]
    /// By sentence, how many words it shares with the one that is looked at.
    private var shared: [Int] = []

    init(wordCount: Int) {
        holders = Array(repeating: [], count: wordCount)
    }

    /// Whether a chosen sentence says the same.
    mutating func says(_ words: [Int]) -> Bool {
        guard words.count >= Self.comparedWords else { return false }
        var isSaid = false
        for word in words {
            for holder in holders[word] {
                shared[holder] += 1
                let needed = Self.sameShare * Double(max(words.count, counts[holder]))
                isSaid = isSaid || Double(shared[holder]) >= needed
            }
        }
        for word in words {
            for holder in holders[word] { shared[holder] = 0 }
        }
        return isSaid
    }

    mutating func insert(_ words: [Int]) {
        for word in words where holders[word].count < Self.maximumCompared {
            holders[word].append(counts.count)
        }
        counts.append(words.count)
        shared.append(0)
    }
}
