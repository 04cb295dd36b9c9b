internal import Glibc
internal import TextAnalysis

/// A term of a query with what is known of it in a user's history.
struct WeightedTerm {
    /// What counts as the term: a stem, or all that begins with it.
    struct Form: Equatable {
        /// How much a word may have behind what it begins with.
        enum Reach: Equatable {
            /// Nothing.
            case none
            /// A few letters: it may be another form of the same word, or be misspelt.
            case ending
            /// Anything: who types may not have come to its end.
            case any
        }

        let stem: String
        var reach = Reach.none
        /// 1 for the word itself.
        let weight: Double
    }

    let forms: [Form]
    /// How much it tells when a message has it: more for rarer words.
    let weight: Double

    /// A word that stands for another counts so much of it.
    static let substituteWeight = 0.4
    /// A word that only begins alike counts so much.
    static let prefixWeight = 0.8

    /// - Parameters:
    ///   - term: The term.
    ///   - frequency: In how many messages it, or what stands for it, occurs.
    ///   - isFound: Whether the word itself does.
    ///   - messages: How many messages there are.
    ///   - stemmer: Reduces words.
    init(_ term: QueryTerm, frequency: Int, isFound: Bool, messages: Int, stemmer: Stemmer) {
        var forms = [Form(stem: term.stem, weight: 1)]
        forms += term.substitutes.map {
            Form(
                stem: stemmer.stem($0.word),
                weight: $0.weight * Self.substituteWeight
            )
        }
        if !isFound, let prefix = term.prefix {
            forms.append(Form(stem: prefix, reach: .ending, weight: Self.prefixWeight))
        }
        if term.isBegun {
            forms.append(Form(stem: term.word, reach: .any, weight: Self.prefixWeight))
        }
        self.forms = forms
        let (count, frequency) = (Double(max(messages, frequency)), Double(frequency))
        let rarity = log(1 + (count - frequency + 0.5) / (frequency + 0.5))
        // A power above 1 lets one rare word outweigh two common ones.
        weight = pow(term.isGeneric ? rarity * 0.75 : rarity, 1.3)
    }
}

/// Finds out how often the terms of a query occur in texts.
struct TermMatcher {
    private struct Target {
        let form: Int
        let term: Int
        let weight: Double
        let reach: WeightedTerm.Form.Reach
    }

    private var byStem: [String: [Target]] = [:]
    private var prefixes: [(prefix: String, target: Target)] = []
    /// How words begin that may match: stemming leaves beginnings alone, so that most words need
    /// not be stemmed.
    private var beginnings = WordBeginnings()
    private let stemmer: Stemmer
    private let termCount: Int
    private let formCount: Int

    init(_ terms: [WeightedTerm], stemmer: Stemmer) {
        self.stemmer = stemmer
        termCount = terms.count
        var form = 0
        for (index, term) in terms.enumerated() {
            for found in term.forms {
                let target = Target(
                    form: form,
                    term: index,
                    weight: found.weight,
                    reach: found.reach
                )
                if found.reach == .none {
                    byStem[found.stem, default: []].append(target)
                } else {
                    prefixes.append((found.stem, target))
                }
                beginnings.insert(found.stem)
                form += 1
            }
        }
        formCount = form
    }

    /// Whether a word that begins with two bytes (0 for none) can match.
    func mayMatch(_ first: UInt8, _ second: UInt8) -> Bool {
        beginnings.contains(first, second)
    }

    /// Whether a word is looked for, or stands for one that is.
    func matches(_ word: String) -> Bool {
        var isMatch = false
        visit(word) { _ in isMatch = true }
        return isMatch
    }

    /// How strongly each term occurs in a text, given its terms with spaces between and how its
    /// length compares to others (1 for average ones): 0 for not at all.
    ///
    /// BM25's saturation; of a word and those that stand for it, the best counts.
    func strengths(in terms: String, relativeLength: Double) -> [(presence: Double, share: Double)]
    {
        var counts = [Double](repeating: 0, count: formCount)
        var targets: [Target] = []
        for word in terms.utf8.split(separator: UInt8(ascii: " ")) {
            let second = word.index(after: word.startIndex)
            let beginning = (word[word.startIndex], second < word.endIndex ? word[second] : 0)
            guard mayMatch(beginning.0, beginning.1) else { continue }
            visit(String(Substring(word))) {
                if counts[$0.form] == 0 { targets.append($0) }
                counts[$0.form] += 1
            }
        }
        var found = [(presence: Double, share: Double)](repeating: (0, 0), count: termCount)
        let damping = 1.2 * (0.5 + 0.5 * relativeLength)
        for target in targets {
            let count = counts[target.form]
            let share = target.weight * count * 2.2 / (count + damping)
            let best = max(found[target.term].share, share)
            found[target.term] = (min(1, best), best)
        }
        return found
    }

    private func visit(_ word: String, _ body: (Target) -> Void) {
        let stem = stemmer.stem(word)
        byStem[stem]?.forEach(body)
        for (prefix, target) in prefixes {
            let isMatch =
                target.reach == .any
                ? word.hasPrefix(prefix)
                : stem.hasPrefix(prefix) && stem.count <= prefix.count + Self.longestEnding
            if isMatch { body(target) }
        }
    }

    private static let longestEnding = 5
}

/// The first two bytes of words: a bit for any two.
private struct WordBeginnings {
    private var bits = [UInt64](repeating: 0, count: 1 << 10)

    func contains(_ first: UInt8, _ second: UInt8) -> Bool {
        bits[Int(first) << 2 | Int(second) >> 6] & (1 << (second & 63)) != 0
    }

    mutating func insert(_ word: String) {
        var bytes = word.utf8.makeIterator()
        let (first, second) = (bytes.next() ?? 0, bytes.next() ?? 0)
        bits[Int(first) << 2 | Int(second) >> 6] |= 1 << (second & 63)
    }
}
