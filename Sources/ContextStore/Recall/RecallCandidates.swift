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
    /// What was said before or behind these is no hit, and takes none's place.
    let from: Timestamp?
    let to: Timestamp?
    private(set) var messages: [Int64: RecallMessage] = [:]
    /// How often each term was found in each session.
    private(set) var sessions: [RecallSegment: [Double]] = [:]

    init(db: Database, user: Int64, from: Timestamp? = nil, to: Timestamp? = nil) {
        self.db = db
        self.user = user
        self.from = from
        self.to = to
    }

    /// Loads what the hits of terms lead to.
    mutating func load(_ hits: [RecallIndex.Hits]) throws {
        var scores: [Int64: Double] = [:]
        for hit in hits {
            for pk in hit.own { scores[pk, default: 0] += hit.term.weight }
            let own = hit.substitutes.isEmpty ? [] : Set(hit.own)
            for pk in hit.substitutes where !own.contains(pk) {
                scores[pk, default: 0] += hit.term.weight * WeightedTerm.substituteWeight
            }
        }
        let best = scores.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
            .prefix(Self.maximumHits).map(\.key)
        let segments = try segments(of: best)
        for (term, hit) in hits.enumerated() {
            let substitute = 0.5 * WeightedTerm.substituteWeight
            for (pks, count) in [(hit.own, 1), (hit.substitutes, substitute)] {
                for segment in pks.lazy.compactMap({ segments[$0] }) {
                    sessions[segment, default: Array(repeating: 0, count: hits.count)][term] +=
                        count
                }
            }
        }
        let pool = best.filter { segments[$0] != nil }.prefix(Self.maximumPool)
        try loadWithSurroundings(Array(pool))
    }

    /// Loads messages of days that the query names: those whose date fits best.
    mutating func load(dated pks: [Int64], _ dates: [DateMention]) throws {
        let said = try db.rows(
            """
            SELECT m.pk, m.said_at FROM json_each(?) j
            CROSS JOIN memory_messages m ON m.pk = j.value AND m.user_pk = ?
            """,
            [Self.list(pks), user]
        ) { (pk: $0.integer(), day: CalendarDay(millisecondsSince1970: $0.integer())) }
        var fitting = said.map { pk, day in (fit: dates.map { $0.fit(day) }.max() ?? 0, pk: pk) }
        fitting.removeAll { $0.fit < 0.3 }
        fitting.sort { $0 > $1 }
        try loadWithSurroundings(fitting.prefix(Self.maximumDated).map(\.pk))
    }

    /// The conversations and sessions of messages of the time that is looked at, unless a
    /// conversation is deleted.
    private func segments(of pks: [Int64]) throws -> [Int64: RecallSegment] {
        let rows = try db.rows(
            """
            SELECT m.pk, m.conversation_pk, m.session_pk FROM json_each(?) j
            CROSS JOIN memory_messages m ON m.pk = j.value AND m.user_pk = ?
            AND m.said_at BETWEEN ? AND ?
            CROSS JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
            """,
            [Self.list(pks), user, from?.milliseconds ?? .min, to?.milliseconds ?? .max]
        ) {
            (
                $0.integer(),
                RecallSegment(conversation: $0.integer(), session: $0.integer())
            )
        }
        return Dictionary(rows) { first, _ in first }
    }

    private static func list(_ pks: [Int64]) -> String {
        "[\(pks.map(String.init).joined(separator: ","))]"
    }

    private mutating func loadWithSurroundings(_ pks: [Int64]) throws {
        let found = try db.rows(
            """
            SELECT \(Self.columns), i.position FROM json_each(?) j
            CROSS JOIN memory_messages m ON m.pk = j.value AND m.user_pk = ?
            CROSS JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
            CROSS JOIN items i ON i.pk = m.pk
            """,
            [Self.list(pks), user]
        ) { (message: try RecallMessage(&$0), position: $0.integer()) }
        for (message, position) in found {
            if messages[message.pk] == nil { messages[message.pk] = message }
            try loadNeighbours(of: message, at: position)
        }
    }

    private mutating func loadNeighbours(of message: RecallMessage, at position: Int64) throws {
        let before = try neighbours(of: message.segment, position, isBefore: true)
        let after = try neighbours(of: message.segment, position, isBefore: false)
        for neighbour in before + after where messages[neighbour.pk] == nil {
            messages[neighbour.pk] = neighbour
        }
        let row = before.reversed().map(\.pk) + [message.pk] + after.map(\.pk)
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
    ) throws -> [RecallMessage] {
        let (sign, order) = isBefore ? ("<", "DESC") : (">", "ASC")
        return try db.rows(
            """
            SELECT \(Self.columns) FROM (SELECT pk, position FROM items
            WHERE session_pk IS nullif(?, 0) AND conversation_pk = ? AND position \(sign) ?
            ORDER BY position \(order) LIMIT 9) r
            CROSS JOIN memory_messages m ON m.pk = r.pk
            ORDER BY r.position \(order) LIMIT \(Self.reach)
            """,
            [segment.session, segment.conversation, position],
            RecallMessage.init
        )
    }

    /// What ``RecallMessage`` reads of a row `m`.
    private static let columns = """
        m.pk, m.conversation_pk, m.session_pk, m.said_at, m.role, m.speaker, m.words, m.traits,
        substr(m.terms, 1, \(maximumText))
        """
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
