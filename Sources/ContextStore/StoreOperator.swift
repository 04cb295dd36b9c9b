internal import GRDB

/// What goes across users: for whoever runs the store, never for a request of a user.
public struct StoreOperator: Sendable {
    private let store: ContextStore

    /// The operator's view of a store.
    public init(_ store: ContextStore) {
        self.store = store
    }

    /// All users in the order in which they first came, a page at a time, for exports.
    public func allUsers(pageSize: Int = 100) -> AsyncThrowingStream<[UserID], any Error> {
        let (pages, store) = (RowPages<UserID>(), store)
        return AsyncThrowingStream {
            try await pages.next { place in
                try await store.read { db in
                    try db.rows(
                        """
                        SELECT pk, external_id FROM users WHERE pk > ? AND external_id IS NOT NULL
                        ORDER BY pk LIMIT ?
                        """,
                        [place, max(pageSize, 1)]
                    ) { (pk: $0.integer(), element: UserID(stored: $0.text())) }
                }
            }
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
