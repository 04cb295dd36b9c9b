internal import GRDB
internal import TextAnalysis

extension UserStore {
    /// Finds the messages that answer a question best, best first; equal ones newest first.
    ///
    /// Sees what is indexed, a moment after it was said, and nothing of deleted conversations. No
    /// word that can be looked for and no date means no hits. What it reads is bounded however
    /// long the history is: of words that occur more than 2,000 times, the newest messages count.
    ///
    /// Throws `notFound(.conversation)` when it is to look within one that is not there.
    public func recall(_ query: RecallQuery) async throws -> [RecallHit] {
        try await read { db, user in try Recall(query, db: db, user: user).hits() }
    }
}

/// One search, within one view of the database.
private struct Recall {
    let query: RecallQuery
    let db: Database
    let user: Int64
    let index: RecallIndex
    let stemmer = Stemmer()

    init(_ query: RecallQuery, db: Database, user: Int64) throws {
        self.query = query
        self.db = db
        self.user = user
        index = RecallIndex(
            db: db,
            user: user,
            conversation: try query.conversation.map {
                try Conversation.existingPK($0, of: user, db)
            },
            days: Self.days(query)
        )
    }

    func hits() throws -> [RecallHit] {
        let analyses = try analyses()
        let terms = Self.terms(of: analyses)
        let dates = analyses.flatMap(\.dates)
        let size = try index.size()
        guard size.messages > 0, index.days?.isEmpty != true, !(terms.isEmpty && dates.isEmpty)
        else { return [] }

        let found = try index.hits(terms, messages: size.messages, stemmer: stemmer)
        var candidates = RecallCandidates(db: db, user: user)
        try candidates.load(found)
        let days = Array(Set(dates.flatMap(\.tokens)).sorted().prefix(100))
        if !days.isEmpty {
            try candidates.load(dated: index.messages(on: days, limit: 400), dates)
        }
        let matcher = TermMatcher(found.map(\.term), stemmer: stemmer)
        let ranker = RecallRanker(
            terms: found.map(\.term),
            phrasings: Self.phrasings(analyses, terms),
            messages: candidates.messages,
            sessions: candidates.sessions,
            averageWords: Double(size.words) / Double(size.messages),
            matcher: matcher
        )
        let limit = min(max(query.limit, 1), RecallQuery.maximumLimit)
        let best = ranker.ranking().lazy.filter { isWanted(candidates.messages[$0.pk]) }
        let hits = RecallHits(db: db, user: user, finder: MatchFinder(matcher: matcher))
        return try hits.load(
            best.prefix(limit).compactMap { ranked in
                candidates.messages[ranked.pk].map { ($0, ranked.score) }
            },
            withNeighbours: query.withNeighbours
        )
    }

    private func analyses() throws -> [QueryAnalysis] {
        let names = try index.speakerWords()
        let today = CalendarDay(millisecondsSince1970: query.now.milliseconds)
        return query.phrasings.prefix(RecallQuery.maximumPhrasings).map {
            QueryAnalysis($0, names: names, today: today, stemmer: stemmer)
        }
    }

    /// The terms of all phrasings, once each; the first 32.
    private static func terms(of analyses: [QueryAnalysis]) -> [QueryTerm] {
        var seen: Set<String> = []
        return Array(analyses.flatMap(\.terms).filter { seen.insert($0.stem).inserted }.prefix(32))
    }

    private static func phrasings(
        _ analyses: [QueryAnalysis],
        _ terms: [QueryTerm]
    ) -> [RecallRanker.Phrasing] {
        analyses.map { analysis in
            let stems = Set(analysis.terms.map(\.stem))
            return RecallRanker.Phrasing(
                analysis: analysis,
                terms: terms.indices.filter { stems.contains(terms[$0].stem) }
            )
        }
    }

    private static func days(_ query: RecallQuery) -> [String]? {
        guard let from = query.from ?? query.to.map({ _ in Timestamp(milliseconds: 0) }) else {
            return nil
        }
        let to = query.to ?? query.now
        return MemoryTokens.days(
            from: CalendarDay(millisecondsSince1970: from.milliseconds),
            to: CalendarDay(millisecondsSince1970: to.milliseconds)
        )
    }

    private func isWanted(_ message: RecallMessage?) -> Bool {
        guard let message else { return false }
        if let conversation = index.conversation, message.segment.conversation != conversation {
            return false
        }
        return message.saidAt >= query.from ?? message.saidAt
            && message.saidAt <= query.to ?? message.saidAt
    }
}
