/// Who belongs to the user: relatives, partners, close friends and pets.
enum FamilyFacts {
    static func facts(in clause: FactClause) -> [FoundFact] {
        status(in: clause) + named(in: clause) + owned(in: clause)
    }

    private static func status(in clause: FactClause) -> [FoundFact] {
        guard let words = clause.after(anyOf: statusOpenings), let first = words.first,
            let text = states[first.core], words.count == 1 || words.dropFirst().first?.core == "to"
        else { return [] }
        return [FoundFact("family", "status", first.core, text, isSingle: true)]
    }

    /// "My daughter Ana …", "my wife's name is Ana", "my dog is called Rex".
    private static func named(in clause: FactClause) -> [FoundFact] {
        var facts: [FoundFact] = []
        for index in clause.words.indices where owners.contains(clause.words[index].core) {
            let behind = clause.words[(index + 1)...].drop { describers.contains($0.core) }
            guard let word = behind.first, let relation = relations[word.stem] else { continue }
            guard let name = name(behind.dropFirst(), of: word, in: clause) else { continue }
            let hasEnded = clause.contains(anyOf: ["died", "late", "ex"])
            facts.append(member(relation, name, hasEnded: hasEnded))
        }
        return facts
    }

    private static func name(
        _ words: ArraySlice<Token>,
        of relation: Token,
        in clause: FactClause
    ) -> String? {
        if relation.text.hasSuffix(",") {
            // "My wife, Ana, …": the name is the next clause.
            guard let name = clause.rest.first, name.endsPart else { return nil }
            return FactValue.name(clause.rest.prefix(1), limit: 1)?.name
        }
        guard !relation.endsPart else { return nil }
        let cores = words.prefix(3).map(\.core)
        for phrase in namings where cores.starts(with: phrase) {
            return FactValue.name(words.dropFirst(phrase.count), limit: 2)?.name
        }
        guard relation.stem == relation.core else { return nil }
        return FactValue.name(words, limit: 2)?.name
    }

    /// "I have two daughters", "we have a dog named Rex".
    private static func owned(in clause: FactClause) -> [FoundFact] {
        let words = clause.after(anyOf: possessions)
        guard let words, let (count, length) = Quantity.read(words) else { return [] }
        let behind = words.dropFirst(length).drop { describers.contains($0.core) }
        guard let word = behind.first, let relation = relations[singular(word.core)] else {
            return []
        }
        let naming = behind.dropFirst().first?.core
        if !word.endsPart, naming == "named" || naming == "called" {
            let name = FactValue.name(behind.dropFirst(2), limit: 2)?.name
            return name.map { [member(relation, $0, hasEnded: false)] } ?? []
        }
        guard word.endsPart || behind.count == 1 || naming == "and" else { return [] }
        let thing =
            words.dropFirst(length - 1).prefix { $0.core != word.core }.map(\.text)
            + [Token(FactValue.plain([word])).text]
        let value = thing.joined(separator: " ")
        return [FoundFact("family", relation, value, "Has \(value)", isSingle: count > 1)]
    }

    private static func member(_ relation: String, _ name: String, hasEnded: Bool) -> FoundFact {
        let title = relation.prefix(1).uppercased() + relation.dropFirst()
        return FoundFact(
            "family",
            relation,
            name,
            "\(title): \(name)",
            isSingle: false,
            hasEnded: hasEnded
        )
    }

    private static func singular(_ word: String) -> String {
        switch word {
        case "children": "child"
        case "wives": "wife"
        case "puppies": "puppy"
        default: word.hasSuffix("s") ? String(word.dropLast()) : word
        }
    }

    private static let owners = Set(words: "my our")
    private static let describers = Set(
        words: """
            older younger big little oldest youngest elder eldest twin new first second best dear
            beloved late ex baby
            """
    )
    private static let namings = [
        ["name", "is"], ["is", "called"], ["is", "named"], ["called"], ["named"],
    ]
    private static let states = [
        "married": "Married", "divorced": "Divorced", "engaged": "Engaged", "widowed": "Widowed",
    ]
    /// The relations by the words for them.
    private static let relations: [String: String] = {
        let words = """
            wife husband partner girlfriend boyfriend fiancé fiancée mother father sister brother
            son daughter child grandmother grandfather aunt uncle cousin niece nephew grandson
            granddaughter stepson stepdaughter stepmother stepfather friend roommate dog cat puppy
            kitten horse rabbit parrot hamster
            """
        var relations = Dictionary(uniqueKeysWithValues: Set(words: words).map { ($0, $0) })
        relations.merge(
            [
                "mom": "mother", "mum": "mother", "dad": "father", "kid": "child",
                "grandma": "grandmother", "grandpa": "grandfather", "fiance": "fiancé",
                "fiancee": "fiancée", "pup": "puppy",
            ]
        ) { word, _ in word }
        return relations
    }()

    private static let statusOpenings: Set<String> = ["i am", "i got", "we got"]
    private static let possessions: Set<String> = [
        "i have", "we have", "i have got", "we have got",
    ]
}
