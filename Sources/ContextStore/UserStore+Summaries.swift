internal import GRDB

extension UserStore {
    /// Stores the summary of a segment, in place of an earlier one.
    ///
    /// Throws `notFound(.conversation)`, `notFound(.session)`, and
    /// `conflict("summary_outdated")` when items were deleted or moved since those that it was
    /// made of were read.
    public func storeSummary(
        _ new: NewSummary,
        of conversation: ConversationID
    ) async throws -> Summary {
        try await write(weight: 512 + new.text.utf8.count) { context, owner in
            let db = context.db
            let pk = try Conversation.existingPK(conversation, of: owner.pk, db)
            let session = try Segment.sessionPK(new.sessionID, in: pk, db)
            let revision = try Segment.revision(of: pk, db)
            guard revision == new.revision else {
                throw ContextStoreError.conflict(
                    code: "summary_outdated",
                    message: "The conversation has changed since it was read."
                )
            }
            return try upsert(new, conversation: pk, session: session, owner, db)
        }
    }

    /// A page of the summaries of a conversation, by creation.
    public func summaries(
        of conversation: ConversationID,
        _ request: PageRequest<SummaryID> = PageRequest()
    ) async throws -> Page<Summary> {
        try await read { db, user in
            let pk = try Conversation.existingPK(conversation, of: user, db)
            let keyset = try Keyset(request) { id in
                try db.first(
                    "SELECT pk FROM summaries WHERE id = ? AND conversation_pk = ?",
                    [id.text, pk]
                ) { $0.integer() }
            }
            let rows = try db.rows(
                """
                SELECT \(Summary.columns) FROM \(Summary.source)
                WHERE m.conversation_pk = ? AND \(keyset.condition("m.pk"))
                """,
                [pk] + keyset.arguments,
                Summary.init
            )
            return keyset.page(rows)
        }
    }

    /// The summaries of what was said last, last first: of all conversations, or of one.
    public func latestSummaries(
        of conversation: ConversationID? = nil,
        limit: Int
    ) async throws -> [Summary] {
        try await read { db, user in
            let scope: (sql: String, value: Int64)
            if let conversation {
                let pk = try Conversation.existingPK(conversation, of: user, db)
                scope = ("m.conversation_pk", pk)
            } else {
                scope = ("m.user_pk", user)
            }
            return try db.rows(
                """
                SELECT \(Summary.columns) FROM \(Summary.source)
                WHERE \(scope.sql) = ? ORDER BY m.said_at DESC, m.pk DESC LIMIT ?
                """,
                [scope.value, max(limit, 0)],
                Summary.init
            )
        }
    }

    private func upsert(
        _ new: NewSummary,
        conversation: Int64,
        session: Int64?,
        _ owner: Owner,
        _ db: Database
    ) throws -> Summary {
        try db.run(
            """
            INSERT INTO summaries (id, user_pk, conversation_pk, session_pk, text, said_at,
            from_position, to_position, item_count, tokens, version, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (conversation_pk, ifnull(session_pk, 0)) DO UPDATE SET
            text = excluded.text, said_at = excluded.said_at, from_position = excluded.from_position,
            to_position = excluded.to_position, item_count = excluded.item_count,
            tokens = excluded.tokens, version = excluded.version,
            created_at = excluded.created_at
            """,
            [
                store.ids.make(SummaryID.self).text, owner.pk, conversation, session, new.text,
                new.saidAt.milliseconds, new.fromPosition, new.toPosition, new.itemCount,
                new.tokens, new.version,
                store.now().milliseconds,
            ]
        )
        let summary = try db.first(
            """
            SELECT \(Summary.columns) FROM \(Summary.source)
            WHERE m.conversation_pk = ? AND ifnull(m.session_pk, 0) = ?
            """,
            [conversation, session ?? 0],
            Summary.init
        )
        guard let summary else { throw ContextStoreError.notFound(.summary) }
        return summary
    }
}
