internal import GRDB

/// A message as a prompt quotes it.
struct Turn: Sendable {
    let pk: Int64
    let role: Item.Role
    let saidAt: Timestamp
    let content: String
}

extension Turn {
    /// No prompt quotes more of a message than its first so many characters.
    private static let maximumLength = 8_000

    /// The last messages of a user that say something and are not forgotten: of one conversation, or of
    /// those that were active last.
    ///
    /// What is said in `current` comes last, whenever that was, and the rest oldest first.
    /// What it reads depends on the limit alone.
    static func latest(
        _ scope: MemoryScope,
        current: Int64?,
        limit: Int,
        _ db: Database
    ) throws -> [Turn] {
        // Calls of functions and empty items stand between messages; a few more make up for them.
        let reach = limit * 3
        let others = try conversations(scope, limit: reach, db).filter { $0 != current }
        var turns: [Turn] = []
        for pk in (current.map { [$0] } ?? []) + others where turns.count < limit {
            turns += try last(of: pk, reach: reach, db).prefix(limit - turns.count)
        }
        return turns.reversed()
    }

    private static func conversations(
        _ scope: MemoryScope,
        limit: Int,
        _ db: Database
    ) throws -> [Int64] {
        guard scope.conversation == 0 else { return [scope.conversation] }
        return try db.rows(
            """
            SELECT pk FROM conversations
            WHERE user_pk = ? AND deleted_at IS NULL AND last_message_at IS NOT NULL
            ORDER BY last_message_at DESC LIMIT ?
            """,
            [scope.user, limit]
        ) { $0.integer() }
    }

    /// The last turns of a conversation, last first, among so many of its items.
    private static func last(of conversation: Int64, reach: Int, _ db: Database) throws -> [Turn] {
        try db.rows(
            """
            SELECT pk, role, created_at, substr(content, 1, \(maximumLength))
            FROM (SELECT pk, kind, role, created_at, content FROM items
            WHERE conversation_pk = ? ORDER BY position DESC LIMIT ?)
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
