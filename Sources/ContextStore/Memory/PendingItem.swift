internal import GRDB
internal import TextAnalysis

/// An item that is not indexed as it is now.
struct PendingItem: Sendable {
    let pk: Int64
    let userPK: Int64
    let conversationPK: Int64
    /// 0 outside of sessions.
    let sessionPK: Int64
    let saidAt: Timestamp
    let role: Item.Role
    /// Who said it, by name, where the caller gave one.
    let speaker: String?
    let content: String
    /// The message before it in its session.
    let previous: (role: Item.Role, ending: String)?
    /// Whether it is to be found and remembered at all.
    let isRemembered: Bool
    /// Which change of the item this is; nil for one that is new.
    let revision: Int64?

    /// A batch ends here, so that no transaction that stores it holds up the writer.
    private static let maximumCount = 128
    private static let maximumBytes = 1 << 20
    /// How much of the message before is looked at: its last sentences.
    private static let endingLength = 600

    /// The next items behind a place, in the order in which they came, and the place to go on from.
    static func next(after place: Int64, _ db: Database) throws -> [PendingItem] {
        try db.rows(
            """
            \(query("NULL")) FROM items i \(joins)
            WHERE i.pk > ? ORDER BY i.pk LIMIT \(maximumCount)
            """,
            [place],
            while: fits(),
            PendingItem.init
        )
    }

    /// Items that changed since they were indexed, up to a place.
    static func changed(upTo place: Int64, _ db: Database) throws -> [PendingItem] {
        try db.rows(
            """
            \(query("h.revision")) FROM memory_changes h JOIN items i ON i.pk = h.item_pk \(joins)
            WHERE h.item_pk <= ? ORDER BY h.item_pk LIMIT \(maximumCount)
            """,
            [place],
            while: fits(),
            PendingItem.init
        )
    }

    /// Takes the first items that are of a size together, at least one.
    private static func fits() -> (PendingItem) -> Bool {
        var size = 0
        return { item in
            let isFirst = size == 0
            size += max(item.content.utf8.count, 1)
            return isFirst || size <= maximumBytes
        }
    }

    private static func query(_ revision: String) -> String {
        """
        SELECT i.pk, i.user_pk, i.conversation_pk, ifnull(i.session_pk, 0), i.created_at, i.role,
        CASE WHEN i.metadata <> '{}' AND json_type(i.metadata, '$.speaker') = 'text'
        THEN json_extract(i.metadata, '$.speaker') END,
        i.content, p.role, substr(p.content, -\(endingLength)),
        i.kind = 'message' AND c.deleted_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM forgotten_items f WHERE f.item_pk = i.pk), \(revision)
        """
    }

    private static let joins = """
        JOIN conversations c ON c.pk = i.conversation_pk
        LEFT JOIN items p ON p.pk = CASE i.kind WHEN 'message' THEN \(MessageNeighbours.previous) END
        """

    private init(_ row: inout RowReader) throws {
        pk = row.integer()
        userPK = row.integer()
        conversationPK = row.integer()
        sessionPK = row.integer()
        saidAt = row.timestamp()
        role = try row.choice()
        speaker = row.optionalText()
        content = row.text()
        let previousRole = row.optionalText().flatMap(Item.Role.init(rawValue:))
        let ending = row.optionalText()
        previous = previousRole.map { ($0, ending ?? "") }
        isRemembered = row.integer() != 0
        revision = row.optionalInteger()
    }
}
