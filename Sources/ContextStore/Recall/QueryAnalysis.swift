internal import TextAnalysis

/// A word that a query looks for, with what may stand for it.
struct QueryTerm: Equatable {
    let word: String
    let stem: String
    /// Words ask for things in general ("what kind of …") and tell less than others.
    let isGeneric: Bool
    let substitutes: [Synonyms.Substitute]
    /// Whether it may be the beginning of the word that is meant.
    private(set) var isBegun = false

    /// The shortest beginning of a word that tells anything.
    private static let shortestBeginning = 3

    init(word: String, stemmer: Stemmer) {
        self.word = word
        stem = stemmer.stem(word)
        isGeneric = Self.generic.contains(stem)
        substitutes = Synonyms.substitutes(forStem: stem)
    }

    /// What other words begin with that may be meant, where the word itself was never said: a
    /// character of a script without spaces, or a stem less its end, which is often misspelt.
    var prefix: String? {
        if Words.isSingleDenseCharacter(word) { return word }
        guard stem.count >= 5, stem.allSatisfy(\.isLetter), stem.allSatisfy(\.isASCII) else {
            return nil
        }
        return String(stem.prefix(max(4, stem.count - 2)))
    }

    /// The same word, which may go on; the word itself where it is too short for that.
    var begun: QueryTerm {
        let isShort = word.allSatisfy(\.isASCII) && word.count < Self.shortestBeginning
        guard !isShort else { return self }
        var begun = self
        begun.isBegun = true
        return begun
    }

    private static let generic: Set<String> = {
        let stemmer = Stemmer()
        let words = """
            kind type sort name thing way describe mention say tell give recent recently new specific
            certain particular happen use different various time go do make take come think know want
            talk year month week day date ago
            """
        return Set(words.split { $0 == " " || $0 == "\n" }.map { stemmer.stem(String($0)) })
    }()
}

/// What one wording of a query asks for.
struct QueryAnalysis: Equatable {
    /// Further words are not looked for.
    static let maximumTerms = 16
    private static let maximumLength = 2_000

    /// Whose words are asked for.
    enum Source: Equatable {
        case anyone
        /// A speaker, by a word of the name.
        case named(String)
        case role(Item.Role)
    }

    let terms: [QueryTerm]
    /// The words that its dates are made of, for where nothing was said then; none of "last week".
    let dateTerms: [QueryTerm]
    let source: Source
    let dates: [DateMention]
    let asksWhen: Bool
    let asksHowMany: Bool

    /// Analyses any text.
    ///
    /// - Parameters:
    ///   - text: What is asked.
    ///   - names: Words of the names of those who talk, folded; these are looked for only where
    ///     nothing else is.
    ///   - today: What relative dates are seen from.
    ///   - stemmer: Reduces words.
    ///   - completesWords: Whether the last word may only be the beginning of one.
    init(
        _ text: String,
        names: Set<String>,
        today: CalendarDay,
        stemmer: Stemmer,
        completesWords: Bool = false
    ) {
        let text = String(text.prefix(Self.maximumLength))
        let words = Words.queryTerms(of: text)
        let dates = QueryDates(text, today: today)
        let telling = words.filter { word in
            !StopWords.contains(word) && !dates.words.contains(word)
                && (word.unicodeScalars.count > 1 || !Self.isLatinLetter(word))
        }
        let beyondNames = telling.filter { !names.contains($0) }
        // Who asks for a name alone wants to find it.
        let isForNames = beyondNames.isEmpty && dates.mentions.isEmpty
        let looked = Self.terms(isForNames ? telling : beyondNames, stemmer)
        let last = completesWords && text.last?.isWhitespace == false ? words.last : nil
        terms = looked.map { $0.word == last ? $0.begun : $0 }
        let dateWords = words.filter { word in
            dates.words.contains(word) && (!StopWords.contains(word) || word == QueryDates.verb)
        }
        dateTerms = dates.isRelative ? [] : Self.terms(dateWords, stemmer)
        self.dates = dates.mentions
        source = Self.source(words, names)
        let joined = words.joined(separator: " ")
        asksHowMany = ["how many", "how much", "number of"].contains { joined.contains($0) }
        asksWhen =
            words.contains("when")
            || zip(words, words.dropFirst()).contains { word, next in
                ["what", "which"].contains(word) && Self.units.contains(next)
            }
    }

    /// The words as terms, each form once.
    private static func terms(_ words: [String], _ stemmer: Stemmer) -> [QueryTerm] {
        var seen: Set<String> = []
        return Array(
            words.map { QueryTerm(word: $0, stemmer: stemmer) }
                .filter { seen.insert($0.stem).inserted }
                .prefix(maximumTerms)
        )
    }

    private static func source(_ words: [String], _ names: Set<String>) -> Source {
        let named = Set(words).intersection(names)
        if let name = named.first { return named.count == 1 ? .named(name) : .anyone }
        let isOfUser = words.contains { ["i", "my", "me", "mine"].contains($0) }
        let isOfAssistant = words.contains { ["you", "your", "yours"].contains($0) }
        guard isOfUser != isOfAssistant else { return .anyone }
        return .role(isOfUser ? .user : .assistant)
    }

    private static func isLatinLetter(_ word: String) -> Bool {
        word.utf8.count == 1 && word.first?.isLetter == true
    }

    private static let units: Set<String> = ["day", "date", "month", "year", "time"]
}
