internal import GRDB

/// Which messages stand beside each other, for the memory engine: a question goes into the sentence
/// that answers it.
///
/// Beside each other are messages of one segment that are not forgotten, with few other items
/// between: what is further away is none, so that looking for it has a bound.
struct MessageNeighbours {
    /// So many items are looked at.
    private static let reach = 20

    let db: Database

    /// The message before the item `i`, as a subquery.
    static let previous = neighbour("max", "<", "DESC")
    /// The message behind the item `i`, as a subquery.
    static let next = neighbour("min", ">", "ASC")

    private static func neighbour(_ nearest: String, _ side: String, _ order: String) -> String {
        """
        (SELECT n.pk FROM items n WHERE n.conversation_pk = i.conversation_pk AND n.position =
        (SELECT \(nearest)(r.position) FROM (SELECT q.pk, q.kind, q.position FROM items q
        WHERE q.session_pk IS i.session_pk AND q.conversation_pk = i.conversation_pk
        AND q.position \(side) i.position ORDER BY q.position \(order) LIMIT \(reach)) r
        WHERE r.kind = 'message'
        AND NOT EXISTS (SELECT 1 FROM forgotten_items g WHERE g.item_pk = r.pk)))
        """
    }

    /// Removes the sentences of the message behind one that goes or is forgotten, because they may
    /// quote it, and has them derived again.
    func forgetBehind(_ item: Int64) throws {
        let next = try db.first("SELECT \(Self.next) FROM items i WHERE i.pk = ?", [item]) {
            $0.optionalInteger()
        }
        guard let next = next ?? nil else { return }
        try db.run("DELETE FROM memory_sentences WHERE item_pk = ?", [next])
        try db.run(
            """
            INSERT INTO memory_changes (item_pk, revision) VALUES (?, 1)
            ON CONFLICT DO UPDATE SET revision = revision + 1
            """,
            [next]
        )
        try db.run(
            """
            UPDATE memory_users SET revision = revision + 1
            WHERE user_pk = (SELECT user_pk FROM items WHERE pk = ?)
            """,
            [next]
        )
    }
}
