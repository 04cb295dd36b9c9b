internal import GRDB

extension UserStore {
    /// Adds what a response or a transcript consumed, once: the same again changes nothing.
    ///
    /// Throws `notFound(.session)` when the session is not this user's, or was deleted.
    ///
    /// - Returns: Whether it is new.
    @discardableResult
    public func recordUsage(_ new: NewUsage) async throws -> Bool {
        try await write { context, owner in
            let session = try context.db.first(
                """
                SELECT s.pk, s.conversation_pk FROM \(Session.source)
                WHERE s.id = ? AND s.user_pk = ?
                """,
                [new.sessionID.text, owner.pk]
            ) { (pk: $0.integer(), conversation: $0.integer()) }
            guard let session else { throw ContextStoreError.notFound(.session) }
            let createdAt = new.createdAt ?? store.now()
            try context.db.run(
                """
                INSERT INTO usage (user_pk, conversation_pk, session_pk, source, source_id, model,
                status, created_at, input_text, input_audio, input_image, cached_text,
                cached_audio, cached_image, output_text, output_audio, reasoning, milliseconds,
                cost) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (session_pk, source, source_id) DO NOTHING
                """,
                [
                    owner.pk, session.conversation, session.pk, new.source.rawValue, new.sourceID,
                    new.model, new.status, createdAt.milliseconds,
                ] + new.tokens.columns + [new.milliseconds, new.costNanodollars]
            )
            return context.db.changesCount > 0
        }
    }

    /// Sums up what was consumed in a span of time.
    ///
    /// The cost of the question follows the span, not what is stored outside of it.
    ///
    /// - Parameters:
    ///   - conversation: Only what was consumed in this one; nil means in all.
    ///   - from: The first moment.
    ///   - to: The moment behind the last.
    ///   - grouping: What is summed up together.
    ///   - limit: How many groups are wanted at most.
    /// - Returns: The groups, the most recently used first, and all of them together.
    /// - Throws: ``ContextStoreError/notFound(_:)`` when the conversation is not this user's.
    public func usage(
        of conversation: ConversationID? = nil,
        from: Timestamp,
        to: Timestamp,
        groupBy grouping: UsageGrouping,
        limit: Int = 100
    ) async throws -> UsageReport {
        try await read { db, user in
            let pk = try conversation.map { try Conversation.existingPK($0, of: user, db) }
            let source = UsageReport.source(of: pk == nil ? "g.user_pk" : "g.conversation_pk")
            let arguments: StatementArguments = [
                pk ?? user, from.milliseconds, to.milliseconds,
            ]
            let groups = try db.rows(
                """
                SELECT \(grouping.key), \(UsageSum.columns) \(source)
                GROUP BY \(grouping.expression)
                ORDER BY max(g.created_at) DESC, max(g.pk) DESC LIMIT ?
                """,
                arguments + [max(limit, 0) + 1]
            ) { row in
                let key = row.text()
                return UsageReport.Group(key: key, sum: UsageSum(&row))
            }
            let total = try db.first(
                "SELECT \(UsageSum.columns) \(source)",
                arguments
            ) { UsageSum(&$0) }
            // Without groups, there is always one row.
            guard let total else { throw ContextStoreError.closed }
            return UsageReport(
                groups: Array(groups.prefix(max(limit, 0))),
                hasMore: groups.count > max(limit, 0),
                total: total
            )
        }
    }
}

extension UsageReport {
    /// What is summed up, of a user or a conversation; says that the conversation is not deleted.
    fileprivate static func source(of owner: String) -> String {
        """
        FROM usage g JOIN conversations c ON c.pk = g.conversation_pk AND c.deleted_at IS NULL
        WHERE \(owner) = ? AND g.created_at >= ? AND g.created_at < ?
        """
    }
}

extension UsageGrouping {
    /// What the rows of one group have in common.
    fileprivate var expression: String {
        switch self {
        case .day: "g.created_at / 86400000"
        case .model: "g.model"
        case .conversation: "g.conversation_pk"
        }
    }

    /// What callers know a group by.
    fileprivate var key: String {
        switch self {
        case .day: "date(max(g.created_at) / 1000, 'unixepoch')"
        case .model: "g.model"
        case .conversation: "max(c.id)"
        }
    }
}

extension UsageTokens {
    /// The values of the columns from `input_text` to `reasoning`.
    fileprivate var columns: StatementArguments {
        [
            inputText, inputAudio, inputImage, cachedText, cachedAudio, cachedImage, outputText,
            outputAudio, reasoning,
        ]
    }
}
