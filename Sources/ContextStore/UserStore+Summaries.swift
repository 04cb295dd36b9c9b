internal import GRDB

extension UserStore {
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

    /// Stores the summary of a range of items, in place of an earlier one of that range.
    ///
    /// Throws `notFound(.conversation)`, `notFound(.session)`, and
    /// `conflict("summary_outdated")` when items were deleted or moved since those that it was
    /// made of were read, or the one it replaces is gone.
    func storeSummary(
        _ new: NewSummary,
        of conversation: ConversationID
    ) async throws {
        try await write(weight: 512 + new.text.utf8.count) { context, owner in
            let db = context.db
            let pk = try Conversation.existingPK(conversation, of: owner.pk, db)
            let session = try Segment.sessionPK(new.sessionID, in: pk, db)
            guard try Segment.revision(of: pk, db) == new.revision else {
                throw ContextStoreError.summaryOutdated
            }
            if let old = new.replaces {
                try replace(old, with: new, conversation: pk, db)
            } else {
                try insert(new, conversation: pk, session: session, owner, db)
            }
        }
    }

    /// Removes a summary whose range has no items any more.
    func removeSummary(_ id: SummaryID) async throws {
        try await write { context, owner in
            try context.db.run(
                "DELETE FROM summaries WHERE id = ? AND user_pk = ?",
                [id.text, owner.pk]
            )
        }
    }

    private func insert(
        _ new: NewSummary,
        conversation: Int64,
        session: Int64?,
        _ owner: Owner,
        _ db: Database
    ) throws {
        try db.run(
            """
            INSERT INTO summaries (id, user_pk, conversation_pk, session_pk, text, said_at,
            from_position, to_position, item_count, tokens, version, source, is_full, created_at)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
            WHERE NOT EXISTS (SELECT 1 FROM summaries WHERE conversation_pk = ?3
            AND ifnull(session_pk, 0) = ifnull(?4, 0) AND to_position >= ?7)
            """,
            [
                store.ids.make(SummaryID.self).text, owner.pk, conversation, session, new.text,
                new.saidAt.milliseconds,
                new.fromPosition, new.toPosition, new.itemCount, new.tokens, new.version,
                new.source.rawValue, new.isFull, store.now().milliseconds,
            ]
        )
        // Another broker on the same file was faster.
        guard db.changesCount > 0 else { throw ContextStoreError.summaryOutdated }
    }

    private func replace(
        _ old: SummaryID,
        with new: NewSummary,
        conversation: Int64,
        _ db: Database
    ) throws {
        try db.run(
            """
            UPDATE summaries SET text = ?, said_at = ?, from_position = ?, to_position = ?,
            item_count = ?, tokens = ?, version = ?, source = ?, is_full = ?,
            model_state = ?, created_at = ?, edition = edition + 1
            WHERE id = ? AND conversation_pk = ?
            """,
            [
                new.text, new.saidAt.milliseconds, new.fromPosition, new.toPosition,
                new.itemCount, new.tokens, new.version, new.source.rawValue, new.isFull,
                new.source == .model ? 1 : 0, store.now().milliseconds, old.text, conversation,
            ]
        )
        guard db.changesCount > 0 else { throw ContextStoreError.summaryOutdated }
    }
}

extension ContextStoreError {
    /// What a summary was made of has changed since it was read.
    static let summaryOutdated = ContextStoreError.conflict(
        code: "summary_outdated",
        message: "The conversation has changed since it was read."
    )
}
