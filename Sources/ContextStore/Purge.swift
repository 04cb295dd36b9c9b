internal import GRDB

/// What one step of a ``Purger`` does.
struct Purge: Sendable {
    /// How many rows go in one statement; between statements the time is looked at.
    private static let slice = 50
    /// A step ends here even if its rows are few: long texts take long to overwrite.
    private static let patience = Duration.milliseconds(20)

    let oldestKey: Timestamp

    @Sendable func isNeeded(_ db: Database) throws -> Bool {
        try Self.deletedConversation(db) != nil || Self.deletedUser(db) != nil
            || expiredKey(db) != nil
    }

    private func expiredKey(_ db: Database) throws -> Int64? {
        try db.first(
            "SELECT pk FROM idempotency_keys WHERE created_at <= ? LIMIT 1",
            [oldestKey.milliseconds]
        ) { $0.integer() }
    }

    func removeSome(_ db: Database, limit: Int) throws {
        let deadline = ContinuousClock.now + Self.patience
        var left = limit
        repeat {
            let removed = try removeSlice(db)
            guard removed > 0 else { return }
            left -= removed
        } while left > 0 && ContinuousClock.now < deadline
    }

    private func removeSlice(_ db: Database) throws -> Int {
        if let conversation = try Self.deletedConversation(db) {
            return try Self.removeSlice(ofConversation: conversation, db)
        }
        if let user = try Self.deletedUser(db) { return try Self.removeSlice(ofUser: user, db) }
        try db.run(
            """
            DELETE FROM idempotency_keys WHERE pk IN (SELECT pk FROM idempotency_keys
            WHERE created_at <= ? ORDER BY created_at LIMIT \(Self.slice))
            """,
            [oldestKey.milliseconds]
        )
        return db.changesCount
    }

    private static func deletedConversation(_ db: Database) throws -> Int64? {
        try db.first("SELECT pk FROM conversations WHERE deleted_at IS NOT NULL LIMIT 1") {
            $0.integer()
        }
    }

    private static func deletedUser(_ db: Database) throws -> Int64? {
        try db.first("SELECT pk FROM users WHERE external_id IS NULL LIMIT 1") { $0.integer() }
    }

    /// Removes rows of the first table that still has any, children before parents.
    private static func removeSlice(ofConversation pk: Int64, _ db: Database) throws -> Int {
        for table in ["items", "summaries", "usage", "captions", "broadcasts", "sessions"] {
            let removed = try remove(from: table, where: "conversation_pk", is: pk, db)
            if removed > 0 { return removed }
        }
        // WITHOUT ROWID: its primary key begins with the conversation.
        try db.run(
            """
            DELETE FROM deleted_items WHERE conversation_pk = ?1 AND upstream_id IN
            (SELECT upstream_id FROM deleted_items WHERE conversation_pk = ?1 LIMIT \(slice))
            """,
            [pk]
        )
        if db.changesCount > 0 { return db.changesCount }
        try db.run("DELETE FROM conversations WHERE pk = ?", [pk])
        return 1
    }

    private static func removeSlice(ofUser pk: Int64, _ db: Database) throws -> Int {
        try db.run(
            """
            UPDATE conversations SET deleted_at = 0 WHERE pk IN (SELECT pk FROM conversations
            WHERE user_pk = ? AND deleted_at IS NULL LIMIT \(slice))
            """,
            [pk]
        )
        if db.changesCount > 0 { return db.changesCount }
        for table in ["agents", "idempotency_keys"] {
            let removed = try remove(from: table, where: "user_pk", is: pk, db)
            if removed > 0 { return removed }
        }
        try db.run("DELETE FROM users WHERE pk = ?", [pk])
        return 1
    }

    private static func remove(
        from table: String,
        where column: String,
        is pk: Int64,
        _ db: Database
    ) throws -> Int {
        try db.run(
            """
            DELETE FROM \(table) WHERE pk IN
            (SELECT pk FROM \(table) WHERE \(column) = ? LIMIT \(slice))
            """,
            [pk]
        )
        return db.changesCount
    }
}
