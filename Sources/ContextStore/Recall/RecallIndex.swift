internal import GRDB
internal import TextAnalysis

/// Looks words up among the messages of one user.
///
/// Every look-up is for words of the user, so that nothing of others is read, and has a limit, so
/// that its cost depends on the query alone.
struct RecallIndex {
    let db: Database
    let user: Int64
    /// Looks within this conversation alone.
    let conversation: Int64?
    /// Nil when the user said nothing.
    let history: RecallHistory?
    /// Looks at these days, as tokens; nil for all.
    let days: [String]?

    /// Of a term that occurs more often than this, only the newest messages are looked at.
    static let maximumRows = 2_000
    /// Terms share this many rows.
    private static let maximumTotalRows = 20_000
    /// So many of the newest messages tell how common a very common word is.
    private static let sampleSize = 8_000

    /// So many messages of the days that a query names are looked at.
    private static let maximumDated = 400
    /// So many tokens of days are looked up at once.
    private static let maximumDays = 100

    /// The messages in which a term was found, newest first.
    struct Hits {
        let own: [Int64]
        /// Those that have another word which stands for it.
        let substitutes: [Int64]
        let term: WeightedTerm
    }

    /// How many messages the user has, and of how many words together.
    func size() throws -> (messages: Int, words: Int) {
        try db.first("SELECT messages, words FROM memory_users WHERE user_pk = ?", [user]) {
            (Int($0.integer()), Int($0.integer()))
        } ?? (0, 0)
    }

    /// The words of the names of those who spoke last, folded.
    func speakerWords() throws -> Set<String> {
        let names = try db.rows(
            """
            SELECT speaker FROM memory_messages WHERE user_pk = ? ORDER BY said_at DESC LIMIT 200
            """,
            [user]
        ) { $0.optionalText() }
        return Set(Set(names.compactMap(\.self)).flatMap { Words.indexTerms(of: $0) })
    }

    /// Looks all terms up.
    func hits(_ terms: [QueryTerm], messages: Int, stemmer: Stemmer) throws -> [Hits] {
        let limit = min(Self.maximumRows, Self.maximumTotalRows / max(2 * terms.count, 1))
        var sample: Int64?
        return try terms.map { term in
            let own = try rows([form(term.word)], limit: limit)
            var others = term.substitutes.map { form($0.word) }
            if own.isEmpty, let prefix = term.prefix { others.append(form(prefix) + " *") }
            if term.isBegun { others.append(form(term.word) + " *") }
            let substitutes = others.isEmpty ? [] : try rows(others, limit: limit)
            var frequency = own.isEmpty ? substitutes.count : own.count
            if frequency == limit {
                if sample == nil { sample = try sampleEnd() }
                let rows = own.isEmpty ? substitutes : own
                frequency = Self.estimate(rows, sample: sample ?? .min, messages: messages)
            }
            let weighted = WeightedTerm(
                term,
                frequency: frequency,
                isFound: !own.isEmpty,
                messages: messages,
                stemmer: stemmer
            )
            return Hits(own: own, substitutes: substitutes, term: weighted)
        }
    }

    /// Messages of the days that dates mean: where there are too many, of those that fit best, and
    /// of these the newest.
    func messages(of dates: [DateMention]) throws -> [Int64] {
        guard let years = history?.lastYears else { return [] }
        let places = dates.map { $0.places(in: years) }
        var found: [Int64] = []
        for rank in 0..<(places.map(\.count).max() ?? 0) where found.count < Self.maximumDated {
            let days = Set(places.filter { $0.count > rank }.flatMap { $0[rank] })
            guard !days.isEmpty else { continue }
            let some = Array(days.sorted().prefix(Self.maximumDays))
            found += try match(anyDay(of: some), limit: Self.maximumDated - found.count)
        }
        var seen: Set<Int64> = []
        return found.filter { seen.insert($0).inserted }
    }

    private func rows(_ forms: [String], limit: Int) throws -> [Int64] {
        try match("words:(\(forms.joined(separator: " OR ")))", limit: limit)
    }

    private func match(_ condition: String, limit: Int) throws -> [Int64] {
        var parts = [condition]
        if let days { parts.append(anyDay(of: days)) }
        if let conversation {
            parts.append("owner:\"\(MemoryTokens.conversation(conversation))\"")
        }
        return try db.rows(
            """
            SELECT rowid FROM message_fts WHERE message_fts MATCH ? ORDER BY rowid DESC LIMIT ?
            """,
            [parts.joined(separator: " AND "), limit]
        ) { $0.integer() }
    }

    private func anyDay(of days: [String]) -> String {
        "days:(\(days.map(form).joined(separator: " OR ")))"
    }

    /// A word in the form in which the index has it.
    private func form(_ word: String) -> String {
        let escaped = word.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }
        let text = String(String.UnicodeScalarView(escaped))
        return "\"\(MemoryTokens.word(text, of: user))\""
    }

    /// Where the newest messages end of which a sample is made; nil when there are fewer.
    private func sampleEnd() throws -> Int64? {
        try db.first(
            """
            SELECT rowid FROM message_fts WHERE message_fts MATCH ? ORDER BY rowid DESC
            LIMIT 1 OFFSET ?
            """,
            ["owner:\"\(MemoryTokens.user(user))\"", Self.sampleSize - 1]
        ) { $0.integer() }
    }

    /// In how many messages a term occurs of which only the newest were read.
    private static func estimate(_ rows: [Int64], sample: Int64, messages: Int) -> Int {
        let share = Double(rows.count { $0 >= sample }) / Double(sampleSize)
        return min(messages, max(rows.count, Int(share * Double(messages))))
    }
}
