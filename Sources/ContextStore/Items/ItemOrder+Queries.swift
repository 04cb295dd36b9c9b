internal import GRDB

extension ItemOrder.Place {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = "pk, upstream_id, link, previous_upstream_id, position"

    init(_ row: inout RowReader) throws {
        pk = row.integer()
        upstreamID = row.optionalText()
        link = ItemLink(
            kind: Link(rawValue: row.integer()) ?? .unlinked,
            previous: row.optionalText()
        )
        position = row.integer()
    }
}

extension ItemOrder {
    func place(pk: Int64) throws -> Place? {
        try db.first(
            "SELECT \(Place.columns) FROM items WHERE pk = ?",
            [pk],
            Place.init
        )
    }

    func place(at position: Int64) throws -> Place? {
        try db.first(
            "SELECT \(Place.columns) FROM items WHERE conversation_pk = ? AND position = ?",
            [conversation, position],
            Place.init
        )
    }

    func place(upstreamID: String) throws -> Place? {
        try db.first(
            "SELECT \(Place.columns) FROM items WHERE conversation_pk = ? AND upstream_id = ?",
            [conversation, upstreamID],
            Place.init
        )
    }

    /// The item directly behind a position.
    func follower(of position: Int64) throws -> Place? {
        try db.first(
            """
            SELECT \(Place.columns) FROM items WHERE conversation_pk = ? AND position > ?
            ORDER BY position LIMIT 1
            """,
            [conversation, position],
            Place.init
        )
    }

    /// The first or last item of a session, or without a session of the conversation.
    func edge(of session: Int64?, last: Bool) throws -> Place? {
        let order = last ? "DESC" : "ASC"
        guard let session else {
            return try db.first(
                """
                SELECT \(Place.columns) FROM items WHERE conversation_pk = ?
                ORDER BY position \(order) LIMIT 1
                """,
                [conversation],
                Place.init
            )
        }
        return try db.first(
            """
            SELECT \(Place.columns) FROM items WHERE session_pk = ? AND conversation_pk = ?
            ORDER BY position \(order) LIMIT 1
            """,
            [session, conversation],
            Place.init
        )
    }

    /// The items that wait for one with this upstream id, in their present order.
    ///
    /// They are few, so they are sorted here: else SQLite would rather walk through the whole
    /// conversation in order than sort.
    func waiting(for upstreamID: String) throws -> [Place] {
        try db.rows(
            """
            SELECT \(Place.columns) FROM items INDEXED BY items_waiting
            WHERE conversation_pk = ? AND previous_upstream_id = ? AND link = 2
            """,
            [conversation, upstreamID],
            Place.init
        ).sorted { $0.position < $1.position }
    }

    func firstWaiting(for upstreamID: String?) throws -> Place? {
        guard let upstreamID else { return nil }
        return try waiting(for: upstreamID).first
    }

    /// The link of a deleted item; nil when no such item was deleted.
    func deletedLink(_ upstreamID: String) throws -> ItemLink? {
        try db.first(
            """
            SELECT link, previous_upstream_id FROM deleted_items
            WHERE conversation_pk = ? AND upstream_id = ?
            """,
            [conversation, upstreamID]
        ) {
            ItemLink(kind: Link(rawValue: $0.integer()) ?? .unlinked, previous: $0.optionalText())
        }
    }
}
