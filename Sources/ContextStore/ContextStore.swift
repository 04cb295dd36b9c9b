internal import Foundation
internal import GRDB
internal import Locking

/// Everything that is kept of users, in one SQLite file.
///
/// One writer commits whatever waits, together and durably; readers never wait for it. May be used
/// from any thread; nothing blocks the caller but opening. Only one process should write, though a
/// second one does no harm.
public final class ContextStore: Sendable {
    /// How a store behaves.
    public struct Configuration: Sendable {
        /// How long a write waits for another process to let go of the file.
        public var busyTimeout: Duration = .seconds(2)
        /// How many reads may run at the same time.
        public var maximumReaders = 5
        /// How long answers are remembered by their idempotency key.
        public var idempotencyLifetime: Duration = .seconds(24 * 60 * 60)
        /// The present moment; injected by tests.
        public var now: @Sendable () -> Timestamp = { .now() }
        /// Where ids come from; nil makes a generator on ``now``.
        public var ids: IdentifierGenerator?
        /// The bounds of the writer's queue; tests make them small.
        var writerLimits = GroupCommitWriter.Limits()
        /// How many rows are removed in one step after a deletion.
        var purgeStep = 1_000
        /// How long after a failure that may pass removing goes on.
        var purgeRetryPause: Duration = .seconds(30)
        /// Whether rows of deleted objects are removed without being asked to.
        var purgesInBackground = true

        /// The usual behaviour.
        public init() {}
    }

    let configuration: Configuration
    let ids: IdentifierGenerator
    let database: any DatabaseWriter
    let writer: GroupCommitWriter
    let users: UserCache
    let feed: ChangeFeed
    let purger: Purger

    /// Opens a database, making the file and its directory when there is none.
    ///
    /// A database of an earlier version is brought up to date. Files are made readable for their
    /// owner alone. Blocks until done.
    ///
    /// - Parameters:
    ///   - path: The file; `:memory:` for a database that goes with the store.
    ///   - configuration: How the store behaves.
    /// - Throws: ``ContextStoreError/newerDatabase``, ``ContextStoreError/corrupt(_:)`` for a file
    ///   that is no database, ``ContextStoreError/unavailable(_:)`` when it cannot be opened.
    public init(path: String, configuration: Configuration = Configuration()) throws {
        self.configuration = configuration
        ids = configuration.ids ?? IdentifierGenerator(now: configuration.now)
        do {
            database = try Self.open(path, configuration)
            try Self.prepare(database)
        } catch {
            throw ContextStoreError.translating(error)
        }
        let users = UserCache()
        let feed = ChangeFeed()
        writer = GroupCommitWriter(database, limits: configuration.writerLimits) { context in
            users.remember(context.users)
            feed.tell(context.changes)
        }
        self.users = users
        self.feed = feed
        purger = Purger(writer: writer, database: database, configuration: configuration)
        if configuration.purgesInBackground { purger.start() }
    }

    /// The data of one user.
    public func user(_ user: UserID) -> UserStore {
        UserStore(user: user, store: self)
    }

    /// What changes from now on.
    public var changes: ConversationChanges {
        feed.follow()
    }

    /// Finishes the writes that wait, refuses new ones, and closes the file.
    ///
    /// May be called twice.
    public func close() async throws {
        await purger.stop()
        await writer.close()
        feed.finish()
        try await blocking { [database] in
            // Leaves one file behind. A reader in another process may keep the journal; then it stays.
            try? database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
            try database.close()
        }
    }

    /// The present moment.
    func now() -> Timestamp {
        configuration.now()
    }

    /// Reads in one consistent view of the database.
    func read<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw ContextStoreError.translating(error)
        }
    }

    /// The number of a user, for a write; 0, which is nobody's, when not known and not made.
    func owner(_ user: UserID, _ context: WriteContext, isCreation: Bool) throws -> Owner {
        if let pk = users.pk(of: user) ?? context.users[user] { return Owner(user: user, pk: pk) }
        if let owner = try Owner.find(user, context.db) {
            context.noteUser(user, pk: owner.pk)
            return owner
        }
        guard isCreation else { return Owner(user: user, pk: 0) }
        try context.db.run(
            "INSERT INTO users (external_id, created_at) VALUES (?, ?)",
            [user.text, now().milliseconds]
        )
        let owner = Owner(user: user, pk: context.db.lastInsertedRowID)
        context.noteUser(user, pk: owner.pk)
        return owner
    }
}

/// Does work that blocks its thread, off the threads that tasks run on.
func blocking<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(
                with: Result { try work() }.mapError(ContextStoreError.translating)
            )
        }
    }
}

/// The numbers of users who wrote lately; filled by the writer alone, behind its commits.
final class UserCache: Sendable {
    private static let capacity = 10_000
    private let numbers = Mutex<[UserID: Int64]>([:])

    func pk(of user: UserID) -> Int64? {
        numbers.withLock { $0[user] }
    }

    func remember(_ users: [UserID: Int64]) {
        guard !users.isEmpty else { return }
        numbers.withLock { numbers in
            // Looking a user up again costs little; starting over is the simplest bound.
            if numbers.count + users.count > Self.capacity { numbers = [:] }
            numbers.merge(users) { $1 }
        }
    }

    func forget(_ user: UserID) {
        numbers.withLock { $0[user] = nil }
    }
}
