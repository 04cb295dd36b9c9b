internal import GRDB
internal import TextAnalysis

/// The range of a summary that a language model may replace by a better one.
struct ModelSummaryRange: Sendable {
    let pk: Int64
    let user: UserID
    /// Counts how often it was made anew, so that an answer for what it was is told from others.
    let edition: Int64
    fileprivate let conversation: Int64
    fileprivate let session: Int64?
    fileprivate let from: Int64
    fileprivate let to: Int64

    /// What was said in a segment that nobody ended counts as closed after this time.
    private static let rest: Duration = .seconds(600)

    /// The latest closed range that no model was asked for yet; nil when none is.
    ///
    /// The newest matter most, and of a long history the older ones may take weeks.
    static func next(
        before place: Int64,
        now: Timestamp,
        _ db: Database
    ) throws -> ModelSummaryRange? {
        try db.first(
            """
            SELECT m.pk, u.external_id, m.edition, m.conversation_pk, m.session_pk,
            m.from_position, m.to_position FROM summaries m
            JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
            JOIN users u ON u.pk = m.user_pk AND u.external_id IS NOT NULL
            LEFT JOIN sessions s ON s.pk = m.session_pk
            WHERE m.model_state = 0 AND m.pk < ? AND m.text <> ''
            AND (m.is_full OR s.status = 'ended' OR m.created_at <= ?)
            ORDER BY m.pk DESC LIMIT 1
            """,
            [place, now.milliseconds - Int64(Self.rest.components.seconds) * 1_000],
            ModelSummaryRange.init
        )
    }

    private init(_ row: inout RowReader) {
        pk = row.integer()
        user = UserID(stored: row.text())
        edition = row.integer()
        conversation = row.integer()
        session = row.optionalInteger()
        from = row.integer()
        to = row.integer()
    }
}

/// A range with what was said in it.
struct ModelSummaryTask: Sendable {
    let range: ModelSummaryRange
    let items: [Item]

    /// Beyond so many bytes of text, the items of a range are not read.
    private static let maximumBytes = 1 << 20

    fileprivate init(_ range: ModelSummaryRange, _ db: Database) throws {
        self.range = range
        var size = 0
        items = try db.rows(
            """
            SELECT \(Item.columns) FROM \(Item.source)
            WHERE i.session_pk IS ? AND i.conversation_pk = ? AND i.position BETWEEN ? AND ?
            AND NOT EXISTS (SELECT 1 FROM forgotten_items f WHERE f.item_pk = i.pk)
            ORDER BY i.position LIMIT 400
            """,
            [range.session, range.conversation, range.from, range.to],
            while: { item in
                defer { size += item.content.utf8.count }
                return size < Self.maximumBytes
            },
            Item.init
        )
    }
}

extension ContextStore {
    /// The latest range before a place that a language model may be asked for.
    func modelSummaryRange(before place: Int64 = .max) async throws -> ModelSummaryRange? {
        let now = now()
        return try await read { db in try ModelSummaryRange.next(before: place, now: now, db) }
    }

    /// A range with what was said in it.
    func modelSummaryTask(_ range: ModelSummaryRange) async throws -> ModelSummaryTask {
        try await read { db in try ModelSummaryTask(range, db) }
    }

    /// Stores what a model made of a range.
    ///
    /// Where the range changed meanwhile, it is asked for again once the embedded summary is made
    /// anew; where another broker on the same file was faster, its answer stays.
    func store(_ summary: ModelSummary, for task: ModelSummaryTask) async throws {
        let now = now()
        try await writer.perform(weight: 1_024 + summary.text.utf8.count) { [ids] context in
            let db = context.db
            let row = try db.first(
                """
                SELECT m.user_pk FROM summaries m JOIN conversations c ON c.pk = m.conversation_pk
                WHERE m.pk = ? AND m.text <> '' AND m.edition = ? AND m.model_state = 0
                AND c.deleted_at IS NULL
                """,
                [task.range.pk, task.range.edition]
            ) { $0.integer() }
            guard let user = row else { return }
            try db.run(
                """
                UPDATE summaries SET text = ?, tokens = ?, source = 'model', model_state = 1,
                created_at = ? WHERE pk = ?
                """,
                [
                    summary.text, TokenEstimate.tokens(in: summary.text), now.milliseconds,
                    task.range.pk,
                ]
            )
            for fact in summary.facts {
                try FactRow(fact, userPK: user)
                    .store(id: ids.make(FactID.self), sources: fact.sources, at: now, db)
            }
            try db.run(
                "UPDATE memory_users SET revision = revision + 1 WHERE user_pk = ?",
                [user]
            )
        }
    }

    /// Notes that no model will summarise a range as it is; the embedded summary stays.
    ///
    /// A range that changed meanwhile is another one, for which the model is asked.
    func giveUp(_ task: ModelSummaryTask) async throws {
        try await writer.perform { context in
            try context.db.run(
                "UPDATE summaries SET model_state = 1 WHERE pk = ? AND edition = ? AND text <> ''",
                [task.range.pk, task.range.edition]
            )
        }
    }
}

extension FactRow {
    /// A fact that a language model found.
    fileprivate init(_ fact: ModelFact, userPK: Int64) {
        self.userPK = userPK
        kind = fact.slot.rawValue
        key = fact.key
        value = fact.value
        text = fact.text
        isSingle = Self.singleKeys[fact.slot]?.contains(fact.key.lowercased()) ?? false
        hasEnded = fact.hasEnded
        source = .model
    }

    /// The keys of which only one value holds at a time, as the model was told to use them.
    private static let singleKeys: [ModelFact.Slot: Set<String>] = [
        .name: [""], .birthday: ["", "year", "age"], .place: [""], .job: ["", "employer"],
    ]

    /// Stores the fact with those of its sources that are still there; a known one gets them added.
    fileprivate func store(
        id: FactID,
        sources: [ItemID],
        at now: Timestamp,
        _ db: Database
    ) throws {
        let items = try sources.compactMap { source in
            try db.first(
                "SELECT pk, created_at FROM items WHERE id = ? AND user_pk = ?",
                [source.text, userPK]
            ) { (pk: $0.integer(), saidAt: $0.timestamp()) }
        }
        guard !items.isEmpty else { return }
        try insert(id: id, at: now, db)
        for item in items { try addSource(item.pk, saidAt: item.saidAt, db) }
    }
}
