internal import TextAnalysis

/// Orders messages by how well they answer a query: a weighted sum of plain features, each 0…1.
///
/// Pure: the same messages and query give the same order.
struct RecallRanker {
    /// What each feature is worth. What a message says itself comes first; then what is said
    /// around it, because an answer often shares no word with the question.
    private enum Weight {
        static let match = 0.5
        static let previous = 0.3
        /// More where the message before was a question: this one answers it.
        static let answer = 0.35
        static let next = 0.2
        static let secondPrevious = 0.15
        static let secondNext = 0.15
        static let coverage = 0.2
        static let coverageNearby = 0.15
        static let session = 0.35
        static let source = 0.15
        static let question = -0.15
        static let firstPerson = 0.15
        static let secondPerson = -0.1
        static let time = 0.1
        static let number = 0.2
        static let names = 0.1
        static let length = 0.1
        /// A date is asked for by intent; nothing else tells as much.
        static let date = 0.9
        /// What all that speaks for a message comes to.
        static let best =
            match + previous + answer + next + secondPrevious + secondNext + coverage
            + coverageNearby + session + source + firstPerson + time + number + names + length
            + date
        /// Messages that all phrasings find are better than those that one does.
        static let agreement = 0.05
    }

    /// One wording: the places of its terms among all, and what else it asks.
    struct Phrasing {
        let analysis: QueryAnalysis
        let terms: [Int]
    }

    struct Ranked: Equatable {
        let pk: Int64
        /// 0…1.
        let score: Double
    }

    let terms: [WeightedTerm]
    let phrasings: [Phrasing]
    let messages: [Int64: RecallMessage]
    /// How strongly the terms occur in each session, as ``sessionStrength(counts:)`` has it.
    let sessions: [RecallSegment: [Double]]
    /// By message, for each term.
    private let strengths: [Int64: [(presence: Double, share: Double)]]

    /// - Parameters:
    ///   - terms: The terms of all phrasings.
    ///   - phrasings: The wordings.
    ///   - messages: What there is to rank, and the neighbours of it.
    ///   - sessions: How often each term was found in each session.
    ///   - averageWords: How long messages of the user are.
    ///   - matcher: Finds the terms in texts.
    init(
        terms: [WeightedTerm],
        phrasings: [Phrasing],
        messages: [Int64: RecallMessage],
        sessions: [RecallSegment: [Double]],
        averageWords: Double,
        matcher: TermMatcher
    ) {
        self.terms = terms
        self.phrasings = phrasings
        self.messages = messages
        // The first mentions tell most.
        self.sessions = sessions.mapValues { $0.map { $0 / ($0 + 1.5) } }
        strengths = messages.mapValues { message in
            matcher.strengths(
                in: message.terms,
                relativeLength: Double(message.wordCount) / max(averageWords, 1)
            )
        }
    }

    /// All messages, best first; equal ones newest first.
    func ranking() -> [Ranked] {
        let scores = phrasings.map(self.scores)
        let scored = messages.values.map { message in
            let all = scores.map { $0[message.pk] ?? 0 }
            let best = all.max() ?? 0
            let mean = all.reduce(0, +) / Double(max(all.count, 1))
            let sum = (best + Weight.agreement * mean) / (1 + Weight.agreement)
            return (message, sum)
        }
        return scored.sorted { left, right in
            if left.1 != right.1 { return left.1 > right.1 }
            return (left.0.saidAt, left.0.pk) > (right.0.saidAt, right.0.pk)
        }
        .map { Ranked(pk: $0.0.pk, score: min(1, max(0, $0.1 / Weight.best))) }
    }

    private func scores(_ phrasing: Phrasing) -> [Int64: Double] {
        let matches = strengths.mapValues { found in
            phrasing.terms.reduce(0) { $0 + terms[$1].weight * found[$1].share }
        }
        let bestMatch = max(matches.values.max() ?? 0, .leastNormalMagnitude)
        let topics = sessions.mapValues { found in
            phrasing.terms.reduce(0) { $0 + terms[$1].weight * found[$1] }
        }
        let bestTopic = max(topics.values.max() ?? 0, .leastNormalMagnitude)
        return messages.mapValues { message in
            let topic = (topics[message.segment] ?? 0) / bestTopic
            return Weight.session * topic + context(message) { (matches[$0] ?? 0) / bestMatch }
                + coverage(message, phrasing) + shape(message, phrasing.analysis)
        }
    }

    /// How well the message and those around it match.
    private func context(_ message: RecallMessage, _ match: (Int64) -> Double) -> Double {
        let previous = message.previous.flatMap { messages[$0] }
        let next = message.next.flatMap { messages[$0] }
        let before = previous.map { match($0.pk) } ?? 0
        var sum = Weight.match * match(message.pk) + Weight.previous * before
        if previous?.traits.isQuestion == true { sum += Weight.answer * before }
        sum += Weight.next * (next.map { match($0.pk) } ?? 0)
        sum += Weight.secondPrevious * (previous?.previous.map(match) ?? 0)
        sum += Weight.secondNext * (next?.next.map(match) ?? 0)
        return sum
    }

    /// How much of the query is found in the message, and within three of it.
    private func coverage(_ message: RecallMessage, _ phrasing: Phrasing) -> Double {
        let total = phrasing.terms.reduce(0) { $0 + terms[$1].weight }
        guard total > 0, let own = strengths[message.pk] else { return 0 }
        let nearby = neighbours(of: message).compactMap { strengths[$0] }
        var (here, near) = (0.0, 0.0)
        for term in phrasing.terms {
            here += terms[term].weight * own[term].presence
            let best = nearby.reduce(own[term].presence) { max($0, $1[term].presence) }
            near += terms[term].weight * best
        }
        return (Weight.coverage * here + Weight.coverageNearby * near) / total
    }

    private func neighbours(of message: RecallMessage) -> [Int64] {
        var found: [Int64] = []
        var (previous, next) = (message.previous, message.next)
        for _ in 0..<3 {
            if let pk = previous { found.append(pk) }
            if let pk = next { found.append(pk) }
            previous = previous.flatMap { messages[$0]?.previous }
            next = next.flatMap { messages[$0]?.next }
        }
        return found
    }

    /// Whether the message is of the kind that is asked for, whatever its words.
    private func shape(_ message: RecallMessage, _ query: QueryAnalysis) -> Double {
        let traits = message.traits
        let day = CalendarDay(millisecondsSince1970: message.saidAt.milliseconds)
        var sum = Weight.date * (query.dates.map { $0.fit(day) }.max() ?? 0)
        if isFrom(query.source, message) { sum += Weight.source }
        if traits.isQuestion { sum += Weight.question }
        if traits.isFirstPerson { sum += Weight.firstPerson }
        if traits.isSecondPerson { sum += Weight.secondPerson }
        if query.asksWhen && traits.hasTimeWord { sum += Weight.time }
        if query.asksHowMany && traits.hasNumber { sum += Weight.number }
        sum += Weight.names * min(1, Double(traits.nameCount) / 2)
        return sum + Weight.length * min(1, Double(message.wordCount) / 40)
    }

    private func isFrom(_ source: QueryAnalysis.Source, _ message: RecallMessage) -> Bool {
        switch source {
        case .anyone: false
        case .role(let role): message.role == role
        case .named(let name):
            message.speaker.map { Words.indexTerms(of: $0).contains(name) } ?? false
        }
    }
}
