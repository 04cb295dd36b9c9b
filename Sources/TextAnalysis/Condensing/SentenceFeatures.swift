/// What a sentence is worth by its form, before its words are looked at one by one.
///
/// The weights are set by hand; what each rewards is what people later ask for.
struct SentenceFeatures {
    private let tokens: ArraySlice<Token>
    private let cores: Set<String>

    init(_ tokens: ArraySlice<Token>) {
        self.tokens = tokens
        cores = Set(tokens.map(\.core))
    }

    /// Whether it tells of the past.
    var isPast: Bool {
        cores.contains { word in
            EnglishWords.pastForms.contains(word) || word.utf8.count > 4 && word.hasSuffix("ed")
        }
    }

    /// Whether it asks.
    var isQuestion: Bool {
        tokens.last?.text.hasQuestion ?? false
    }

    /// Its worth.
    ///
    /// - Parameters:
    ///   - answers: Whether the other speaker has just asked something.
    ///   - opening: The first word of the sentence before anything was left out.
    /// - Returns: The worth, in the measure of ``SentenceValue``; mostly between -3 and 6.
    func worth(answers: Bool, opening: String) -> Double {
        // Any sentence takes a line's worth of attention.
        var worth = -0.2
        // What people say of themselves is what is asked for.
        if has(EnglishWords.firstPerson) { worth += 0.6 }
        // What happened, more than what is thought of it.
        if isPast { worth += 0.6 }
        // When it happened: most questions of memory are of this kind.
        if has(EnglishWords.times) || tokens.contains(where: \.isDate) { worth += 1.2 }
        if hasNumber { worth += 0.3 }
        worth += 0.4 * Double(nameCount)
        if tokens.contains(where: { $0.text.contains(where: Self.quotes.contains) }) {
            // Titles stand in quotation marks.
            worth += 0.4
        }
        worth += 0.3 * Double(min(3, cores.count(where: EnglishWords.life.contains)))
        // An answer tells what somebody wanted to know.
        if answers { worth += 0.7 }
        // Praise and advice for the other.
        if has(EnglishWords.secondPerson) { worth -= 0.6 }
        // A question says little by itself; its answer, what counts.
        if isQuestion { worth -= 1.6 }
        if EnglishWords.politeOpenings.contains(opening) { worth -= 0.6 }
        // Notes on what was shown, not said.
        if tokens.first?.text.hasPrefix("[") == true { worth -= 0.8 }
        return worth
    }

    private func has(_ words: Set<String>) -> Bool {
        !cores.isDisjoint(with: words)
    }

    private var hasNumber: Bool {
        has(EnglishWords.numbers) || tokens.contains { $0.core.contains(where: \.isNumber) }
    }

    /// Words with a capital that does not begin the sentence, up to two.
    private var nameCount: Int {
        let names = tokens.dropFirst().count {
            $0.isCapitalized && !EnglishWords.firstPerson.contains($0.core)
        }
        return min(2, names)
    }

    private static let quotes: Set<Character> = ["\"", "“", "”", "«", "»", "「", "『"]
}
