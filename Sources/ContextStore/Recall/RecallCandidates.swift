internal import GRDB
internal import TextAnalysis

/// Loads the messages that are worth ranking, and those around them.
struct RecallCandidates {
    /// So many of the best hits tell which sessions are on the topic.
    static let maximumHits = 600
    /// So many of them are loaded, each with the three before and after it.
    static let maximumPool = 120
    /// So many messages of the days that a query names are loaded.
    static let maximumDated = 150
    private static let reach = 3
    /// Beyond this, a message's text counts no more.
    private static let maximumText = 4_000

    let db: Database
    let user: Int64
    private(set) var messages: [Int64: RecallMessage] = [:]
    /// How often each term was found in each session.
    private(set) var sessions: [RecallSegment: [Double]] = [:]

    init(db: Database, user: Int64) {
        self.db = db
        self.user = user
    }

    /// Loads what the hits of terms lead to.
    mutating func load(_ hits: [RecallIndex.Hits]) throws {
        struct Found {
            var score = 0.0
            var terms: [Int: Double] = [:]
        }
        var found: [Int64: Found] = [:]
        for (index, hit) in hits.enumerated() {
            let weight = hit.term.weight
            let own = Set(hit.own)
            for pk in hit.own {
                found[pk, default: Found()].score += weight
                found[pk]?.terms[index, default: 0] += 1
            }
            for pk in hit.substitutes {
                let share = own.contains(pk) ? 0 : WeightedTerm.substituteWeight
                found[pk, default: Found()].score += weight * share
                found[pk]?.terms[index, default: 0] += 0.5 * WeightedTerm.substituteWeight
            }
        }
        let best = found.sorted { ($0.value.score, $0.key) > ($1.value.score, $1.key) }
        var pool: [Int64] = []
        for (pk, found) in best.prefix(Self.maximumHits) {
            guard let segment = try segment(of: pk) else { continue }
            if pool.count < Self.maximumPool { pool.append(pk) }
            for (term, count) in found.terms {
                sessions[segment, default: Array(repeating: 0, count: hits.count)][term] += count
            }
        }
        for pk in pool { try loadSurroundings(of: pk) }
    }

    /// Loads messages of days that the query names: those whose date fits best.
    mutating func load(dated rows: [Int64], _ dates: [DateMention]) throws {
        var fitting: [(fit: Double, pk: Int64)] = []
        for pk in rows {
            let said = try db.first(
                "SELECT said_at FROM memory_messages WHERE pk = ? AND user_pk = ?",
                [pk, user]
            ) { CalendarDay(millisecondsSince1970: $0.integer()) }
            guard let said else { continue }
            let fit = dates.map { $0.fit(said) }.max() ?? 0
            if fit >= 0.3 { fitting.append((fit, pk)) }
        }
        fitting.sort { $0 > $1 }
        for (_, pk) in fitting.prefix(Self.maximumDated) { try loadSurroundings(of: pk) }
    }

    /// The conversation and session of a message, unless its conversation is deleted.
    private func segment(of pk: Int64) throws -> RecallSegment? {
        try db.first(
            """
            SELECT m.conversation_pk, m.session_pk FROM memory_messages m
            JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
            WHERE m.pk = ? AND m.user_pk = ?
            """,
            [pk, user]
        ) { RecallSegment(conversation: $0.integer(), session: $0.integer()) }
    }

    private mutating func loadSurroundings(of pk: Int64) throws {
        guard let message = try load(pk) else { return }
        let position = try db.first("SELECT position FROM items WHERE pk = ?", [pk]) {
            $0.integer()
        }
        guard let position else { return }
        let before = try neighbours(of: message.segment, position, isBefore: true)
        let after = try neighbours(of: message.segment, position, isBefore: false)
        let row = try (before.reversed() + [pk] + after).filter { try load($0) != nil }
        for (first, second) in zip(row, row.dropFirst()) {
            messages[first]?.next = second
            messages[second]?.previous = first
        }
    }

    /// The next messages in a direction, nearest first; calls of functions between are passed over.
    private func neighbours(
        of segment: RecallSegment,
        _ position: Int64,
        isBefore: Bool
    ) throws -> [Int64] {
        let (sign, order) = isBefore ? ("<", "DESC") : (">", "ASC")
        let rows = try db.rows(
            """
            SELECT r.pk FROM (SELECT pk, position FROM items
            WHERE session_pk IS nullif(?, 0) AND conversation_pk = ? AND position \(sign) ?
            ORDER BY position \(order) LIMIT 9) r
            WHERE EXISTS (SELECT 1 FROM memory_messages m WHERE m.pk = r.pk)
            """,
            [segment.session, segment.conversation, position]
        ) { $0.integer() }
        return Array(rows.prefix(Self.reach))
    }

    private mutating func load(_ pk: Int64) throws -> RecallMessage? {
        if let known = messages[pk] { return known }
        let message = try db.first(
            """
            SELECT m.pk, m.conversation_pk, m.session_pk, m.said_at, m.role, m.speaker, m.words,
            m.traits, substr(m.terms, 1, \(Self.maximumText)) FROM memory_messages m
            JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
            WHERE m.pk = ? AND m.user_pk = ?
            """,
            [pk, user],
            RecallMessage.init
        )
        messages[pk] = message
        return message
    }
}

extension RecallMessage {
    fileprivate init(_ row: inout RowReader) throws {
        let pk = row.integer()
        let segment = RecallSegment(conversation: row.integer(), session: row.integer())
        let saidAt = row.timestamp()
        let role: Item.Role = try row.choice()
        self.init(
            pk: pk,
            segment: segment,
            saidAt: saidAt,
            role: role,
            speaker: row.optionalText(),
            wordCount: Int(row.integer()),
            traits: MessageTraits(stored: row.integer()),
            terms: row.text()
        )
    }
}
