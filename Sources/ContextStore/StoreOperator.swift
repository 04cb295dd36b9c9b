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

    /// Sessions whose items reach beyond their summary, for catching up after a crash.
    ///
    /// - Parameters:
    ///   - session: The last session of the page before; nil for the first page.
    ///   - limit: How many sessions are looked at, at most.
    /// - Returns: The segments found, and the session to go on behind; nil at the end.
    /// - Throws: ``ContextStoreError/invalidCursor`` for an unknown session.
    public func unsummarizedSegments(
        after session: SessionID? = nil,
        limit: Int = 100
    ) async throws -> (segments: [ConversationChange], next: SessionID?) {
        try await store.read { db in
            let start = try session.map { try Self.pk(of: $0, db) } ?? 0
            let rows = try db.rows(
                """
                SELECT s.id, c.id, u.external_id,
                (SELECT max(i.position) FROM items i
                WHERE i.session_pk = s.pk AND i.conversation_pk = c.pk),
                (SELECT m.to_position FROM summaries m WHERE m.session_pk = s.pk)
                FROM sessions s JOIN conversations c ON c.pk = s.conversation_pk
                JOIN users u ON u.pk = s.user_pk
                WHERE s.pk > ? AND c.deleted_at IS NULL AND u.external_id IS NOT NULL
                ORDER BY s.pk LIMIT ?
                """,
                [start, max(limit, 1)],
                SessionProgress.init
            )
            let segments = rows.filter(\.isBehind).map(\.segment)
            return (segments, rows.count < max(limit, 1) ? nil : rows.last?.segment.session)
        }
    }

    private static func pk(of session: SessionID, _ db: Database) throws -> Int64 {
        let pk = try db.first("SELECT pk FROM sessions WHERE id = ?", [session.text]) {
            $0.integer()
        }
        guard let pk else { throw ContextStoreError.invalidCursor }
        return pk
    }
}

/// How far a session's items and its summary go.
private struct SessionProgress {
    let segment: ConversationChange
    let lastPosition: Int64?
    let summarizedTo: Int64?

    var isBehind: Bool {
        guard let lastPosition else { return false }
        return lastPosition > summarizedTo ?? .min
    }

    init(_ row: inout RowReader) {
        let session = SessionID(stored: row.text())
        let conversation = ConversationID(stored: row.text())
        segment = ConversationChange(
            user: UserID(stored: row.text()),
            conversation: conversation,
            session: session
        )
        lastPosition = row.optionalInteger()
        summarizedTo = row.optionalInteger()
    }
}
