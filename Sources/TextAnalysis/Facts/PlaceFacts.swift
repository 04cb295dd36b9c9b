/// Where the user lives and comes from.
enum PlaceFacts {
    static func facts(in clause: FactClause) -> [FoundFact] {
        if let words = clause.after(anyOf: moves) {
            return move(words)
        }
        if let place = place(behind: origins, in: clause) {
            // One may be born in one place and grow up in another.
            return [FoundFact("place", "origin", place, "From \(place)", isSingle: false)]
        }
        if let place = place(behind: homes, in: clause) {
            let hasEnded = clause.contains(anyOf: ["anymore"])
            return [home(place, hasEnded: hasEnded)]
        }
        guard !clause.deniesWithoutEnding, let place = place(behind: formerHomes, in: clause) else {
            return []
        }
        return [home(place, hasEnded: true)]
    }

    private static func place(behind phrases: Set<String>, in clause: FactClause) -> String? {
        clause.after(anyOf: phrases).flatMap(place)?.name
    }

    /// A place is known by its capital: "the Netherlands", "Palo Alto", but not "a small house".
    private static func place(
        _ words: ArraySlice<Token>
    ) -> (name: String, rest: ArraySlice<Token>)? {
        let hasArticle = words.first?.core == "the"
        let name = FactValue.name(hasArticle ? words.dropFirst() : words, limit: 4)
        return name.map { (hasArticle ? "the \($0.name)" : $0.name, $0.rest) }
    }

    private static func move(_ words: ArraySlice<Token>) -> [FoundFact] {
        guard let (old, rest) = place(words) else { return [] }
        let former = home(old, hasEnded: true)
        guard rest.first?.core == "to", let (new, _) = place(rest.dropFirst()) else {
            return [former]
        }
        return [former, home(new, hasEnded: false)]
    }

    private static func home(_ place: String, hasEnded: Bool) -> FoundFact {
        FoundFact("place", "", place, "Lives in \(place)", isSingle: true, hasEnded: hasEnded)
    }

    private static let origins: Set<String> = [
        "i am from", "i come from", "i grew up in", "i was born in", "i was raised in",
        "i was born and raised in", "my hometown is",
    ]
    private static let homes: Set<String> = [
        "i live in", "we live in", "i am living in", "we are living in", "i am based in",
        "i have been living in", "i have lived in", "i moved to", "we moved to", "i have moved to",
        "we have moved to", "i moved back to", "i relocated to", "my home is in",
    ]
    private static let formerHomes: Set<String> = [
        "i used to live in", "we used to live in", "i no longer live in", "we no longer live in",
        "i don't live in", "i lived in", "we lived in", "i moved out of", "i moved away from",
    ]

    private static let moves: Set<String> = ["i moved from", "we moved from", "i have moved from"]
}
