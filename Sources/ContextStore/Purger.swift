internal import GRDB
internal import Locking

/// Removes the rows of deleted conversations and users, in steps that never hold up the writer.
///
/// What is deleted is marked in the database, so the work goes on after a crash. A step that fails,
/// because the disk is full say, ends the run; the next deletion or opening begins another.
final class Purger: Sendable {
    private let writer: GroupCommitWriter
    private let database: any DatabaseWriter
    private let step: Int

    private struct State {
        var run: Task<Void, any Error>?
        /// Something was deleted since the run began; it looks again before it ends.
        var isAskedAgain = false
        var isStopped = false
    }

    private let state = Mutex(State())

    init(writer: GroupCommitWriter, database: any DatabaseWriter, step: Int) {
        self.writer = writer
        self.database = database
        self.step = step
    }

    /// Begins to remove what is deleted, unless that is under way.
    func start() {
        state.withLock { state in
            guard !state.isStopped else { return }
            guard state.run == nil else { return state.isAskedAgain = true }
            state.run = Task { try await self.run() }
        }
    }

    /// Removes what is deleted, and returns when nothing is left.
    ///
    /// - Throws: The error of the step that failed.
    func finish() async throws {
        start()
        try await state.withLock { $0.run }?.value
    }

    /// Ends behind the step under way; nothing begins again.
    func stop() async {
        let run = state.withLock { state in
            state.isStopped = true
            return state.run
        }
        run?.cancel()
        _ = await run?.result
    }

    private func run() async throws {
        do {
            repeat {
                while try await removeSome() { try Task.checkCancellation() }
            } while isAskedAgain()
        } catch {
            state.withLock { $0.run = nil }
            throw error
        }
    }

    /// Whether there may be more to do; if not, the run counts as ended.
    private func isAskedAgain() -> Bool {
        state.withLock { state in
            defer { state.isAskedAgain = false }
            if !state.isAskedAgain { state.run = nil }
            return state.isAskedAgain
        }
    }

    /// Does one step; false when there was nothing to do.
    private func removeSome() async throws -> Bool {
        guard try await database.read(Purge.isNeeded) else { return false }
        let step = step
        try await writer.perform { context in
            try Purge.removeSome(context.db, limit: step)
        }
        return true
    }
}

/// What one step of a ``Purger`` does.
enum Purge {
    /// How many rows go in one statement; between statements the time is looked at.
    private static let slice = 50
    /// A step ends here even if its rows are few: long texts take long to overwrite.
    private static let patience = Duration.milliseconds(20)

    @Sendable static func isNeeded(_ db: Database) throws -> Bool {
        try deletedConversation(db) != nil || deletedUser(db) != nil
    }

    static func removeSome(_ db: Database, limit: Int) throws {
        let deadline = ContinuousClock.now + patience
        var left = limit
        repeat {
            let removed = try removeSlice(db)
            guard removed > 0 else { return }
            left -= removed
        } while left > 0 && ContinuousClock.now < deadline
    }

    private static func removeSlice(_ db: Database) throws -> Int {
        if let conversation = try deletedConversation(db) {
            return try removeSlice(ofConversation: conversation, db)
        }
        guard let user = try deletedUser(db) else { return 0 }
        return try removeSlice(ofUser: user, db)
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
