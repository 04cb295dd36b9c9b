/// Allergies, conditions and diets.
enum HealthFacts {
    static func facts(in clause: FactClause) -> [FoundFact] {
        [allergy(in: clause), condition(in: clause), diet(in: clause)].compactMap(\.self)
    }

    private static func allergy(in clause: FactClause) -> FoundFact? {
        let present = clause.after(anyOf: allergies)
        let past = clause.after(anyOf: formerAllergies)
        guard let words = present ?? past, let thing = FactValue.phrase(words, limit: 3) else {
            return nil
        }
        let hasEnded = past != nil
        let text = "Allergic to \(thing)"
        return FoundFact("health", "allergy", thing, text, isSingle: false, hasEnded: hasEnded)
    }

    private static func condition(in clause: FactClause) -> FoundFact? {
        let diagnosis = clause.after(anyOf: diagnoses)
        if let words = diagnosis, let name = FactValue.phrase(words, limit: 4) {
            return FoundFact("health", "condition", name, "Has \(name)", isSingle: false)
        }
        guard let words = clause.after("i have"), let name = FactValue.phrase(words, limit: 3),
            let last = name.split(separator: " ").last,
            conditions.contains(Token(last).core)
        else { return nil }
        return FoundFact("health", "condition", name, "Has \(name)", isSingle: false)
    }

    private static func diet(in clause: FactClause) -> FoundFact? {
        let present = clause.after(anyOf: dietOpenings)
        let past = clause.after(anyOf: formerDietOpenings)
        let isPast = past != nil && clause.contains(anyOf: ["longer", "used", "anymore"])
        guard let words = isPast ? past : present, let first = words.first,
            diets.contains(first.core),
            words.count == 1 || first.endsPart
                || ["and", "since", "for", "so", "anymore"].contains(words.dropFirst().first?.core)
        else { return nil }
        let title = first.core.prefix(1).uppercased() + first.core.dropFirst()
        return FoundFact("health", "diet", first.core, title, isSingle: false, hasEnded: isPast)
    }

    private static let diets = Set(
        words: "vegetarian vegan pescatarian diabetic celiac coeliac asthmatic pregnant"
    )
    private static let conditions = Set(
        words: """
            diabetes asthma epilepsy arthritis migraines adhd autism anemia anaemia hypertension
            eczema insomnia depression dyslexia allergy allergies intolerance cancer scoliosis
            tinnitus psoriasis
            """
    )

    private static let allergies: Set<String> = [
        "i am allergic to", "i am very allergic to", "i am severely allergic to",
        "i have an allergy to", "i am intolerant to",
    ]
    private static let formerAllergies: Set<String> = [
        "i am no longer allergic to", "i used to be allergic to",
    ]
    private static let diagnoses: Set<String> = [
        "i was diagnosed with", "i have been diagnosed with", "i got diagnosed with",
        "i suffer from",
    ]
    private static let dietOpenings: Set<String> = [
        "i am a", "i am", "i became a", "i became", "i went",
    ]
    private static let formerDietOpenings: Set<String> = [
        "i am no longer a", "i am no longer", "i used to be a", "i used to be",
        "i am not a", "i am not",
    ]
}
