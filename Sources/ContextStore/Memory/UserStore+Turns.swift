internal import GRDB

/// A message as a prompt quotes it.
struct Turn: Sendable {
    let pk: Int64
    let role: Item.Role
    let saidAt: Timestamp
    let content: String
}

extension UserStore {
    /// The last messages that say something and are not forgotten, oldest first: of one
    /// conversation, or of those that were active last.
    ///
    /// What it reads depends on the limit alone.
    func latestTurns(of conversation: ConversationID?, limit: Int) async throws -> [Turn] {
        // Calls of functions and empty items stand between messages; a few more make up for them.
        let reach = limit * 3
        return try await read { db, user in
            var conversations: [Int64]
            if let conversation {
                conversations = [try Conversation.existingPK(conversation, of: user, db)]
            } else {
                conversations = try db.rows(
                    """
                    SELECT pk FROM conversations
                    WHERE user_pk = ? AND deleted_at IS NULL AND last_message_at IS NOT NULL
                    ORDER BY last_message_at DESC LIMIT ?
                    """,
                    [user, reach]
                ) { $0.integer() }
            }
            var turns: [Turn] = []
            for pk in conversations where turns.count < limit {
                turns += try Turn.last(of: pk, reach: reach, db).prefix(limit - turns.count)
            }
            return turns.reversed()
        }
    }

    /// Whether something of the user is not indexed yet.
    func isMemoryBehind() async throws -> Bool {
        try await read { db, user in
            try db.first(
                """
                SELECT EXISTS (SELECT 1 FROM memory_changes)
                OR EXISTS (SELECT 1 FROM (SELECT user_pk FROM items WHERE pk >
                (SELECT CASE version WHEN ?1 THEN item_pk ELSE 0 END FROM memory_progress
                WHERE pk = 1)
                ORDER BY pk LIMIT 2000) WHERE user_pk = ?2)
                """,
                [ContextStore.memoryVersion, user]
            ) { $0.integer() } != 0
        }
    }
}

extension Turn {
    /// The last turns of a conversation, last first, among so many of its items.
    fileprivate static func last(of conversation: Int64, reach: Int, _ db: Database) throws
        -> [Turn]
    {
        try db.rows(
            """
            SELECT pk, role, created_at, content FROM (SELECT pk, kind, role, created_at, content
            FROM items WHERE conversation_pk = ? ORDER BY position DESC LIMIT ?)
            WHERE kind = 'message' AND content <> ''
            AND NOT EXISTS (SELECT 1 FROM forgotten_items f WHERE f.item_pk = pk)
            """,
            [conversation, reach]
        ) { row in
            Turn(
                pk: row.integer(),
                role: try row.choice(),
                saidAt: row.timestamp(),
                content: row.text()
            )
        }
    }
}
