internal import GRDB

/// The data of one user: the only way to it.
///
/// Every method looks at this user's rows alone; another user's object is not found, exactly as
/// one that does not exist. Reads never wait for writes. A write returns once it is on disk.
///
/// All methods throw ``ContextStoreError``, or `CancellationError` when their task is cancelled.
public struct UserStore: Sendable {
    /// Whose data it is.
    public let user: UserID
    let store: ContextStore

    /// Reads in one consistent view of the database.
    ///
    /// The body gets the number of the user, which matches no row when nothing is stored yet.
    func read<Value: Sendable>(
        _ body: @Sendable (Database, Int64) throws -> Value
    ) async throws -> Value {
        try await store.read { db in
            try body(db, try Owner.find(user, db)?.pk ?? 0)
        }
    }

    /// Writes in a transaction, and returns once it is durable.
    ///
    /// - Parameters:
    ///   - weight: About how many bytes the request holds while it waits.
    ///   - isCreation: Whether the user is made when not known; else nothing is theirs.
    ///   - body: What to do; may run twice, the first time without effect.
    /// - Returns: What the body returned.
    /// - Throws: What the body threw, or ``ContextStoreError``.
    func write<Value: Sendable>(
        weight: Int = 512,
        isCreation: Bool = false,
        _ body: @escaping @Sendable (WriteContext, Owner) throws -> Value
    ) async throws -> Value {
        try await store.writer.perform(weight: weight) { context in
            let owner = try store.owner(user, context, isCreation: isCreation)
            return try body(context, owner)
        }
    }
}

/// A user and the number that the rows name them by.
struct Owner: Sendable {
    let user: UserID
    let pk: Int64

    /// A user of whom anything was ever stored.
    static func find(_ user: UserID, _ db: Database) throws -> Owner? {
        try db.first("SELECT pk FROM users WHERE external_id = ?", [user.text]) {
            Owner(user: user, pk: $0.integer())
        }
    }
}
