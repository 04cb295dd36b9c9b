/// Reads the value of a fact from the words behind a phrase.
enum FactValue {
    /// A name: words with capitals at the beginning, as many as a limit; nil for anything else.
    ///
    /// - Parameters:
    ///   - words: What stands behind the phrase.
    ///   - limit: How many words it may have.
    /// - Returns: The name without the marks around it, and what follows.
    static func name(
        _ words: ArraySlice<Token>,
        limit: Int
    ) -> (name: String, rest: ArraySlice<Token>)? {
        var taken: [Token] = []
        var rest = words
        while let word = rest.first, taken.count < limit + 1 {
            let links = !taken.isEmpty && rest.count > 1 && particles.contains(word.core)
            guard word.isCapitalized && !isCalendarWord(word.core) || links else { break }
            taken.append(word)
            rest = rest.dropFirst()
            if word.endsPart { break }
        }
        guard let last = taken.last, last.isCapitalized, taken.count <= limit else { return nil }
        let name = plain(taken)
        let isPossessive = name.hasSuffix("'s") || name.hasSuffix("’s")
        return (isPossessive ? String(name.dropLast(2)) : name, rest)
    }

    /// A noun phrase in any letters, up to a limit of words; nil for a longer one.
    ///
    /// An article before it goes; it ends before a conjunction, a relative clause or a time.
    static func phrase(_ words: ArraySlice<Token>, limit: Int) -> String? {
        var taken: [Token] = []
        for word in words.drop(while: { articles.contains($0.core) }) {
            guard !enders.contains(word.core), !word.core.isEmpty else { break }
            // "Tea to coffee" is of tea, "listening to jazz" of jazz.
            if word.core == "to", let last = taken.last, !last.core.hasSuffix("ing") { break }
            taken.append(word)
            if word.endsPart { break }
        }
        guard let last = taken.last, taken.count <= limit, !danglers.contains(last.core) else {
            return nil
        }
        return plain(taken)
    }

    /// Words in one text, without the marks at their ends.
    static func plain(_ words: [Token]) -> String {
        var words = words
        while words.last?.punctuation != nil {
            words[words.count - 1].text.removeLast()
        }
        return words.map(\.text).joined(separator: " ")
    }

    /// Whether a word names a month or a day of the week.
    static func isCalendarWord(_ core: String) -> Bool {
        calendarWords.contains(core)
    }

    /// Whether a word names a month.
    static func isMonth(_ core: String) -> Bool {
        months.contains(core)
    }

    private static let particles = Set(words: "de la le of upon am an der den von van y do da dos")
    private static let articles = Set(words: "a an the")
    private static let enders = Set(
        words: """
            and but or because so since when where which who that if while though although as than
            with for in on at from by until last this next ago yesterday today tomorrow anymore now
            again too right these very then back
            """
    )
    /// A phrase that ends with one of these was cut in its middle.
    private static let danglers = articles.union(Set(words: "to of about my"))
    private static let months = Set(DateText.months.map { $0.lowercased() })
    private static let calendarWords = months.union(
        Set(
            words: """
                monday tuesday wednesday thursday friday saturday sunday christmas easter
                thanksgiving i
                """
        )
    )
}
