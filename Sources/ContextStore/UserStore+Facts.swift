internal import GRDB

extension UserStore {
    /// More facts of one user than this are not read: the oldest are left out.
    private static let maximumFacts = 500
    /// How many of a fact's messages are named.
    private static let maximumSources = 8
    /// How many facts one transaction forgets.
    private static let factsPerWrite = 20

    /// A page of what is known of the user, by when it was last said: what holds, and what held
    /// once.
    ///
    /// There are at most 500 facts, the latest found.
    public func facts(
        _ request: PageRequest<FactID> = PageRequest(order: .descending)
    ) async throws -> Page<Fact> {
        try await Page(of: allFacts(), request, id: \.id)
    }

    /// All that ``facts(_:)`` has, by when it was last said.
    public func allFacts() async throws -> [Fact] {
        try await read { db, user in
            let records = try FactRecord.all(of: user, limit: Self.maximumFacts, db)
            let ends = FactHistory.ends(of: records)
            return try records.map { record in
                try Fact(
                    record,
                    until: ends[record.pk],
                    messages: FactRecord.messages(of: record.pk, limit: Self.maximumSources, db)
                )
            }.sorted { ($0.lastSaidAt, $0.id) < ($1.lastSaidAt, $1.id) }
        }
    }

    /// Forgets a fact for good: it is gone, does not come back when it is said again, and the
    /// messages that it was said in are neither found nor remembered any more.
    ///
    /// The messages themselves stay in their conversations. Throws `notFound(.fact)`.
    public func forgetFact(_ id: FactID) async throws {
        try await write { context, owner in
            let pk = try context.db.first(
                "SELECT pk FROM facts WHERE id = ? AND user_pk = ?",
                [id.text, owner.pk]
            ) { $0.integer() }
            guard let pk else { throw ContextStoreError.notFound(.fact) }
            try forget(pk, context, owner)
        }
    }

    /// Forgets all facts, each as ``forgetFact(_:)`` does.
    ///
    /// When it fails, some may be forgotten; the same again forgets the others.
    ///
    /// - Returns: How many there were.
    @discardableResult
    public func forgetAllFacts() async throws -> Int {
        // What is found from now on is not meant.
        let last = try await read { db, user in
            try db.first("SELECT max(pk) FROM facts WHERE user_pk = ?", [user]) {
                $0.optionalInteger()
            } ?? nil
        }
        guard let last else { return 0 }
        var count = 0
        while true {
            let some = try await forgetFacts(upTo: last)
            guard some > 0 else { return count }
            count += some
        }
    }

    /// Forgets some facts, few enough not to hold up the writes of others.
    private func forgetFacts(upTo last: Int64) async throws -> Int {
        try await write { context, owner in
            let some = try context.db.rows(
                "SELECT pk FROM facts WHERE user_pk = ? AND pk <= ? LIMIT \(Self.factsPerWrite)",
                [owner.pk, last]
            ) { $0.integer() }
            for pk in some { try forget(pk, context, owner) }
            return some.count
        }
    }

    private func forget(_ fact: Int64, _ context: WriteContext, _ owner: Owner) throws {
        let db = context.db
        try db.run(
            """
            INSERT INTO forgotten_facts (user_pk, fingerprint)
            SELECT user_pk, fingerprint FROM facts WHERE pk = ? ON CONFLICT DO NOTHING
            """,
            [fact]
        )
        let items = try db.rows(
            """
            SELECT i.pk, i.conversation_pk, i.session_pk, i.position FROM fact_sources s
            JOIN items i ON i.pk = s.item_pk WHERE s.fact_pk = ?
            """,
            [fact]
        ) {
            let (pk, conversation) = ($0.integer(), $0.integer())
            let (session, position) = ($0.optionalInteger(), $0.integer())
            return (pk: pk, conversation: conversation, session: session, position: position)
        }
        for item in items {
            try MessageNeighbours(db: db).forgetBehind(item.pk)
            try db.run(
                "INSERT INTO forgotten_items (item_pk) VALUES (?) ON CONFLICT DO NOTHING",
                [item.pk]
            )
            try db.run("DELETE FROM memory_messages WHERE pk = ?", [item.pk])
            try ItemOrder(db: db, conversation: item.conversation)
                .outdateSummary(of: item.session, at: item.position)
        }
        try db.run("DELETE FROM facts WHERE pk = ?", [fact])
        try db.run("DELETE FROM fact_sources WHERE fact_pk = ?", [fact])
        try db.run(
            "UPDATE memory_users SET revision = revision + 1 WHERE user_pk = ?",
            [owner.pk]
        )
    }
}

extension FactRecord {
    /// The facts of a user that some message still says, latest found first; of one kind, or of all.
    static func all(
        of user: Int64,
        kind: String? = nil,
        limit: Int,
        _ db: Database
    ) throws -> [FactRecord] {
        try db.rows(
            """
            SELECT f.pk, f.id, f.kind, f.key, f.value, f.text, f.is_single, f.source, f.created_at,
            min(s.said_at) FILTER (WHERE s.has_ended = 0),
            max(s.said_at) FILTER (WHERE s.has_ended = 0),
            max(s.said_at) FILTER (WHERE s.has_ended = 1),
            max(s.item_pk) FILTER (WHERE s.has_ended = 0)
            FROM facts f JOIN fact_sources s ON s.fact_pk = f.pk JOIN items i ON i.pk = s.item_pk
            JOIN conversations c ON c.pk = i.conversation_pk AND c.deleted_at IS NULL
            WHERE f.user_pk = ?\(kind == nil ? "" : " AND f.kind = ?")
            GROUP BY f.pk ORDER BY f.pk DESC LIMIT ?
            """,
            [user] + (kind.map { [$0] } ?? []) + [limit],
            FactRecord.init
        )
    }

    /// The messages that a fact was said in, latest stored first.
    static func messages(of fact: Int64, limit: Int, _ db: Database) throws -> [ItemID] {
        try db.rows(
            """
            SELECT i.id FROM fact_sources s JOIN items i ON i.pk = s.item_pk
            JOIN conversations c ON c.pk = i.conversation_pk AND c.deleted_at IS NULL
            WHERE s.fact_pk = ? ORDER BY s.item_pk DESC LIMIT ?
            """,
            [fact, limit]
        ) { ItemID(stored: $0.text()) }
    }

    private init(_ row: inout RowReader) throws {
        pk = row.integer()
        id = FactID(stored: row.text())
        kind = row.text()
        key = row.text()
        value = row.text()
        text = row.text()
        isSingle = row.integer() != 0
        source = try row.choice()
        createdAt = row.timestamp()
        heldFrom = row.optionalTimestamp()
        heldTo = row.optionalTimestamp()
        endedAt = row.optionalTimestamp()
        heldBy = row.optionalInteger()
    }
}

extension Fact {
    init(_ record: FactRecord, until: Timestamp?, messages: [ItemID]) {
        id = record.id
        kind = record.kind
        key = record.key
        value = record.value
        text = record.text
        since = record.heldFrom ?? record.endedAt ?? record.createdAt
        lastSaidAt = max(record.heldTo ?? since, record.endedAt ?? since)
        self.until = until
        source = record.source
        self.messages = messages
        createdAt = record.createdAt
    }
}
