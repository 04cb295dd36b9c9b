internal import GRDB

/// What changes of items do to the summaries that were made of them: these are emptied, and made
/// anew.
extension ItemOrder {
    private static let emptied = "version = 0, text = '', model_state = 0, source = 'embedded'"

    /// Empties the summaries that reach behind a position, of whatever session: items have moved.
    func outdateSummaries(from low: Int64) throws {
        try db.run(
            """
            UPDATE summaries SET \(Self.emptied) WHERE conversation_pk = ? AND to_position >= ?
            """,
            [conversation, low]
        )
        try countRevision()
    }

    /// Empties the summary that covers a position in a session, or outside of sessions.
    ///
    /// A summary covers all of its session from the end of the one before it on, also where its
    /// first item is further behind: so it is the first that ends there or behind.
    func outdateSummary(of session: Int64?, at position: Int64) throws {
        try db.run(
            """
            UPDATE summaries SET \(Self.emptied) WHERE pk = (SELECT pk FROM summaries
            WHERE conversation_pk = ? AND ifnull(session_pk, 0) = ? AND to_position >= ?
            ORDER BY to_position LIMIT 1)
            """,
            [conversation, session ?? 0, position]
        )
        try countRevision()
    }

    /// The session of an item; nil outside of sessions.
    func session(of item: Int64) throws -> Int64? {
        try db.first("SELECT session_pk FROM items WHERE pk = ?", [item]) {
            $0.optionalInteger()
        } ?? nil
    }

    private func countRevision() throws {
        try db.run(
            "UPDATE conversations SET revision = revision + 1 WHERE pk = ?",
            [conversation]
        )
    }
}
