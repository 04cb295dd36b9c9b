/// Finds the words of a condensed sentence that carry information, and weighs them by their kind.
struct InformationWords {
    private let stemmer = Stemmer()

    /// What kind of word it is, in the order of what they say.
    enum Kind: Int, Comparable {
        /// Words such as "wonderful" and "really" in any form; and pairs of characters, which
        /// overlap, so that two of them say about what one word does.
        case soft
        case plain
        case number
        /// A name says much more than another word: it is what one asks for.
        case name

        /// How much it says, beside a plain word.
        var weight: Double {
            switch self {
            case .soft: 0.5
            case .plain: 1
            case .number: 1.5
            case .name: 2.5
            }
        }

        static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    }

    /// A word by its stem.
    struct Word: Equatable {
        let stem: String
        let kind: Kind
    }

    /// The words in the order of their first place, each once.
    ///
    /// Dates in brackets do not count: they say again what stands before them.
    func words(of condensed: String) -> [Word] {
        var words: [Word] = []
        var indexes: [String: Int] = [:]
        var isStart = true
        for token in Token.tokens(of: Self.withoutDates(condensed)) {
            for term in Words.queryTerms(of: token.core.prefix { $0 != "'" }) {
                guard let word = word(term, isName: token.isCapitalized && !isStart) else {
                    continue
                }
                if let index = indexes[word.stem] {
                    if word.kind > words[index].kind { words[index] = word }
                } else {
                    indexes[word.stem] = words.count
                    words.append(word)
                }
            }
            isStart = token.punctuation.map { $0 != "," && $0 != ";" } ?? false
        }
        return words
    }

    /// Whether a word of a sentence says anything of its own.
    func isInformative(_ token: Token) -> Bool {
        Words.queryTerms(of: token.core.prefix { $0 != "'" }).contains { term in
            !StopWords.contains(term) && !BlandWords.contains(stem: stemmer.stem(term))
        }
    }

    private func word(_ term: String, isName: Bool) -> Word? {
        guard !StopWords.contains(term) else { return nil }
        if term.unicodeScalars.first.map(Script.isDense) == true {
            return Word(stem: term, kind: .soft)
        }
        let stem = stemmer.stem(term)
        if term.utf8.contains(where: { (0x30...0x39).contains($0) }) {
            return Word(stem: stem, kind: .number)
        }
        if BlandWords.contains(stem: stem) { return nil }
        if isName { return Word(stem: stem, kind: .name) }
        return Word(stem: stem, kind: BlandWords.isSoft(term) ? .soft : .plain)
    }

    /// The text without what stands in brackets with a digit in it.
    private static func withoutDates(_ text: String) -> String {
        guard text.contains("(") else { return text }
        var kept = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "("), let close = rest[open...].firstIndex(of: ")") {
            let isDate = rest[open..<close].contains(where: \.isNumber)
            kept += isDate ? rest[..<open] : rest[...close]
            rest = rest[rest.index(after: close)...]
        }
        return kept + rest
    }
}
