internal import GRDB

/// Segments that may lack a summary, and how far that brings summarising.
struct SummaryStep: Sendable {
    let segments: [ConversationChange]
    /// All items up to here are summarised when these segments are.
    let place: Int64
    /// Whether that is further than before.
    let isNew: Bool
    let isLast: Bool
}

extension ContextStore {
    /// The segments of the next items that are not summarised, and those with outdated summaries.
    func summaryStep(limit: Int) async throws -> SummaryStep {
        try await read { db in
            let start = try db.first("SELECT summarized_pk FROM memory_progress WHERE pk = 1") {
                $0.integer()
            }
            let items = try db.rows(
                """
                SELECT i.pk, u.external_id, c.id, s.id FROM items i
                JOIN users u ON u.pk = i.user_pk JOIN conversations c ON c.pk = i.conversation_pk
                LEFT JOIN sessions s ON s.pk = i.session_pk WHERE i.pk > ? ORDER BY i.pk LIMIT ?
                """,
                [start ?? 0, limit]
            ) { (pk: $0.integer(), segment: ConversationChange(&$0)) }
            let outdated = try db.rows(
                """
                SELECT u.external_id, c.id, s.id FROM summaries m
                JOIN users u ON u.pk = m.user_pk AND u.external_id IS NOT NULL
                JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
                LEFT JOIN sessions s ON s.pk = m.session_pk WHERE m.version = 0
                ORDER BY m.pk LIMIT ?
                """,
                [limit],
                ConversationChange.init
            )
            let segments = Set((items.map(\.segment) + outdated).compactMap(\.self))
            return SummaryStep(
                segments: Array(segments),
                place: items.last?.pk ?? start ?? 0,
                isNew: !items.isEmpty,
                isLast: items.count < limit && outdated.count < limit
            )
        }
    }

    /// Notes that the segments of a step are summarised.
    func finish(_ step: SummaryStep) async throws {
        guard step.isNew else { return }
        try await writer.perform { context in
            try context.db.run(
                "UPDATE memory_progress SET summarized_pk = ? WHERE pk = 1 AND summarized_pk < ?",
                [step.place, step.place]
            )
        }
    }
}

extension UserStore {
    /// The summary of the end of a segment; nil when there is none that is up to date.
    func lastSummary(of segment: ConversationChange) async throws -> Summary? {
        try await read { db, user in
            let pk = try Conversation.existingPK(segment.conversation, of: user, db)
            let session = try Segment.sessionPK(segment.session, in: pk, db)
            return try db.first(
                """
                SELECT \(Summary.columns) FROM \(Summary.source)
                WHERE m.conversation_pk = ? AND ifnull(m.session_pk, 0) = ?
                ORDER BY m.to_position DESC LIMIT 1
                """,
                [pk, session ?? 0],
                Summary.init
            )
        }
    }
}

extension ConversationChange {
    /// Reads user, conversation and session; nil for a user who is deleted.
    fileprivate init?(_ row: inout RowReader) {
        let (user, conversation) = (row.optionalText(), row.text())
        let session = row.optionalText().map(SessionID.init(stored:))
        guard let user else { return nil }
        self.init(
            user: UserID(stored: user),
            conversation: ConversationID(stored: conversation),
            session: session
        )
    }
}
