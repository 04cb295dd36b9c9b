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
        let history = try RecallHistory(of: user, db)
        index = RecallIndex(
            db: db,
            user: user,
            conversation: try query.conversation.map {
                try Conversation.existingPK($0, of: user, db)
            },
            history: history,
            days: history?.days(from: query.from, to: query.to)
        )
    }

    func hits() throws -> [RecallHit] {
        let analyses = try analyses()
        let dates = analyses.flatMap(\.dates)
        let size = try index.size()
        guard size.messages > 0, index.days?.isEmpty != true else { return [] }

        let dated = try index.messages(of: dates)
        // Where nothing was said then, a date may still have been spoken of.
        let isOfDates = dated.isEmpty && analyses.allSatisfy(\.terms.isEmpty)
        let looked = isOfDates ? \QueryAnalysis.dateTerms : \.terms
        let terms = Self.terms(of: analyses, looked)
        guard !(terms.isEmpty && dated.isEmpty) else { return [] }
        let found = try index.hits(terms, messages: size.messages, stemmer: stemmer)
        var candidates = RecallCandidates(db: db, user: user, from: query.from, to: query.to)
        try candidates.load(found)
        if !dated.isEmpty { try candidates.load(dated: dated, dates) }
        let matcher = TermMatcher(found.map(\.term), stemmer: stemmer)
        let ranker = RecallRanker(
            terms: found.map(\.term),
            phrasings: Self.phrasings(analyses, looked, among: terms),
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
            QueryAnalysis(
                $0,
                names: names,
                today: today,
                stemmer: stemmer,
                completesWords: query.completesWords
            )
        }
    }

    /// The terms of all phrasings, once each; the first 32.
    private static func terms(
        of analyses: [QueryAnalysis],
        _ looked: KeyPath<QueryAnalysis, [QueryTerm]>
    ) -> [QueryTerm] {
        var seen: Set<String> = []
        return Array(
            analyses.flatMap { $0[keyPath: looked] }.filter { seen.insert($0.stem).inserted }
                .prefix(32)
        )
    }

    private static func phrasings(
        _ analyses: [QueryAnalysis],
        _ looked: KeyPath<QueryAnalysis, [QueryTerm]>,
        among terms: [QueryTerm]
    ) -> [RecallRanker.Phrasing] {
        analyses.map { analysis in
            let stems = Set(analysis[keyPath: looked].map(\.stem))
            return RecallRanker.Phrasing(
                analysis: analysis,
                terms: terms.indices.filter { stems.contains(terms[$0].stem) }
            )
        }
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
