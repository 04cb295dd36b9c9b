/// What the user likes and dislikes.
///
/// The thing is the key and the liking its value, so that a change of mind takes the place of what
/// was said before.
enum PreferenceFacts {
    static func facts(in clause: FactClause) -> [FoundFact] {
        if let favourite = favourite(in: clause) { return [favourite] }
        let hasEnded = clause.contains(anyOf: ["anymore"])
        if let words = clause.after(anyOf: formerLikings), let thing = thing(words) {
            return [preference(thing, .like, hasEnded: true)]
        }
        if let words = clause.after(anyOf: dislikings), let thing = thing(words) {
            return [
                hasEnded ? preference(thing, .like, hasEnded: true) : preference(thing, .dislike)
            ]
        }
        if let words = clause.after("i prefer"), let thing = thing(words) {
            return [preference(thing, .prefer)]
        }
        guard !hasEnded, let words = clause.after(anyOf: likings), let thing = thing(words) else {
            return []
        }
        return [preference(thing, .like)]
    }

    private enum Liking: String {
        case like = "likes"
        case dislike = "dislikes"
        case prefer = "prefers"
    }

    private static func preference(
        _ thing: String,
        _ liking: Liking,
        hasEnded: Bool = false
    ) -> FoundFact {
        let verb = liking.rawValue.prefix(1).uppercased() + liking.rawValue.dropFirst()
        return FoundFact(
            "preference",
            thing.lowercased(),
            liking.rawValue,
            "\(verb) \(thing)",
            isSingle: true,
            hasEnded: hasEnded
        )
    }

    /// "My favourite colour is green"; a newer favourite takes its place.
    private static func favourite(in clause: FactClause) -> FoundFact? {
        guard let words = clause.after(anyOf: favourites),
            let verb = words.firstIndex(where: { ["is", "are", "was"].contains($0.core) }),
            (1...3).contains(verb - words.startIndex),
            let value = FactValue.phrase(words[(verb + 1)...], limit: 4), !isVague(value)
        else { return nil }
        let kind = words[..<verb].map(\.core).joined(separator: " ")
        return FoundFact(
            "preference",
            "favourite \(kind)",
            value,
            "Favourite \(kind): \(value)",
            isSingle: true,
            hasEnded: words[verb].core == "was"
        )
    }

    private static func thing(_ words: ArraySlice<Token>) -> String? {
        guard let thing = FactValue.phrase(words, limit: 4), !isVague(thing) else { return nil }
        return thing
    }

    /// Whether words mean something only where they were said: "it", "your idea", "being here".
    private static func isVague(_ thing: String) -> Bool {
        let cores = Token.tokens(of: thing).map(\.core)
        guard let first = cores.first else { return true }
        if cores.count == 1 && vagueAlone.contains(first) { return true }
        if first == "to", cores.count < 2 || vagueVerbs.contains(cores[1]) { return true }
        return vagueBeginnings.contains(first) || cores.contains { vagueWords.contains($0) }
    }

    private static let likings: Set<String> = [
        "i love", "i like", "i enjoy", "i adore", "i am into", "i am a fan of",
        "i am a big fan of", "i am a huge fan of", "i am fond of", "i am crazy about",
    ]
    private static let dislikings: Set<String> = [
        "i hate", "i dislike", "i don't like", "i do not like", "i can't stand",
        "i cannot stand", "i don't enjoy", "i am not a fan of", "i am not a big fan of",
    ]
    private static let formerLikings: Set<String> = [
        "i used to love", "i used to like", "i used to enjoy", "i no longer like",
        "i no longer love", "i no longer enjoy", "i used to be a fan of",
    ]
    private static let vagueBeginnings = Set(
        words: """
            it its that this these those them they him her his their your you what how when where
            why who being seeing hearing having getting knowing something anything everything
            nothing everyone someone my our me us not all both each more most one such there
            here talking looking chatting
            """
    )
    private static let vagueAlone = Set(words: "going doing making taking trying working")
    private static let vagueVerbs = Set(
        words: "be do go get take make have see hear know say tell think try let"
    )
    private static let vagueWords = Set(
        words: "it that this you your them him her thing things feeling sense"
    )

    private static let favourites: Set<String> = ["my favourite", "my favorite"]
}
