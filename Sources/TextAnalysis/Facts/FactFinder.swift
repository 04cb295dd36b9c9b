/// Finds what users say of themselves, by the form of their sentences.
///
/// English alone, and rather nothing than something wrong: a fact stands at the beginning of a
/// clause in the first person. Questions, conditions, wishes and what others said tell nothing.
public struct FactFinder: Sendable {
    /// So many sentences of a message are looked at, from its beginning.
    public static let maximumSentences = 100

    /// Makes a finder.
    public init() {}

    /// The facts in what a user said, in their order, each once.
    ///
    /// - Parameters:
    ///   - text: The message.
    ///   - day: When it was said: a birthday may be "tomorrow".
    /// - Returns: The facts; none in most messages.
    public func facts(in text: String, saidOn day: CalendarDay) -> [FoundFact] {
        var facts: [FoundFact] = []
        let sentences = SentenceSplitter.sentences(of: text, limit: Self.maximumSentences)
        for sentence in sentences {
            for clause in FactClause.clauses(of: sentence) {
                for fact in Self.facts(in: clause, saidOn: day) where !facts.contains(fact) {
                    facts.append(fact)
                }
            }
        }
        return facts
    }

    private static func facts(in clause: FactClause, saidOn day: CalendarDay) -> [FoundFact] {
        PersonFacts.facts(in: clause, saidOn: day) + PlaceFacts.facts(in: clause)
            + JobFacts.facts(in: clause) + FamilyFacts.facts(in: clause)
            + HealthFacts.facts(in: clause) + PreferenceFacts.facts(in: clause)
    }
}
