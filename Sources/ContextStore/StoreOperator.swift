internal import GRDB

/// What goes across users: for whoever runs the store, never for a request of a user.
public struct StoreOperator: Sendable {
    private let store: ContextStore

    /// The operator's view of a store.
    public init(_ store: ContextStore) {
        self.store = store
    }

    /// A page of all users in the order in which they first came, for exports.
    ///
    /// - Parameters:
    ///   - user: The last user of the page before; nil for the first page.
    ///   - limit: How many users at most.
    /// - Returns: The users; none behind the last.
    /// - Throws: ``ContextStoreError/invalidCursor`` for an unknown user.
    public func users(after user: UserID? = nil, limit: Int = 100) async throws -> [UserID] {
        try await store.read { db in
            var start: Int64 = 0
            if let user {
                guard let owner = try Owner.find(user, db) else {
                    throw ContextStoreError.invalidCursor
                }
                start = owner.pk
            }
            return try db.rows(
                """
                SELECT external_id FROM users WHERE pk > ? AND external_id IS NOT NULL
                ORDER BY pk LIMIT ?
                """,
                [start, max(limit, 1)]
            ) { UserID(stored: $0.text()) }
        }
    }

    /// Removes the rows of all that was deleted, and returns when nothing is left.
    public func purge() async throws {
        do {
            try await store.purger.finish()
        } catch {
            throw ContextStoreError.translating(error)
        }
    }
}
