internal import GRDB

/// What of a user may still be under way.
extension UserStore {
    /// The sessions that are in use.
    public func activeSessionIDs() async throws -> [SessionID] {
        try await read { db, user in
            try db.rows(
                "SELECT id FROM sessions WHERE user_pk = ? AND status = 'active'",
                [user]
            ) { SessionID(stored: $0.text()) }
        }
    }

    /// The broadcasts that have not ended.
    public func openBroadcastIDs() async throws -> [BroadcastID] {
        try await read { db, user in
            try db.rows(
                "SELECT id FROM broadcasts WHERE user_pk = ? AND ended_at IS NULL",
                [user]
            ) { BroadcastID(stored: $0.text()) }
        }
    }
}
