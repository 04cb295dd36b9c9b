internal import GRDB

/// Items of one segment of a conversation: of a session, or of what is outside of sessions.
public struct Segment: Sendable, Equatable {
    /// Items in conversation order.
    public let items: [Item]
    /// Changes when an item of the conversation is deleted or moved; see ``NewSummary/revision``.
    public let revision: Int64
}

/// Which end of a segment is read.
public enum SegmentEnd: Sendable {
    /// Its beginning.
    case first
    /// Its end.
    case last
}

/// An item with what is needed to tell when it was said.
public struct DatedItem: Sendable, Equatable {
    /// The item.
    public let item: Item
    /// When its session began; nil outside of sessions.
    public let sessionStartedAt: Timestamp?
}

extension UserStore {
    /// The first or last items of a segment, in conversation order.
    public func segment(
        of conversation: ConversationID,
        session: SessionID?,
        _ end: SegmentEnd,
        limit: Int
    ) async throws -> Segment {
        try await read { db, user in
            let pk = try Conversation.existingPK(conversation, of: user, db)
            let session = try Segment.sessionPK(session, in: pk, db)
            let rows = try db.rows(
                """
                SELECT \(Item.columns) FROM \(Item.source)
                WHERE i.session_pk IS ? AND i.conversation_pk = ?
                ORDER BY i.position \(end == .first ? "ASC" : "DESC") LIMIT ?
                """,
                [session, pk, max(limit, 0)],
                Item.init
            )
            return Segment(
                items: end == .first ? rows : rows.reversed(),
                revision: try Segment.revision(of: pk, db)
            )
        }
    }

    /// The latest items of a conversation in its order, less those of one session.
    public func latestItems(
        of conversation: ConversationID,
        limit: Int,
        excluding session: SessionID? = nil
    ) async throws -> [DatedItem] {
        try await read { db, user in
            let pk = try Conversation.existingPK(conversation, of: user, db)
            let excluded = try session.flatMap { try DatedItem.sessionPK($0, of: user, db) }
            return try DatedItem.tail(of: pk, limit: limit, excluding: excluded, db).reversed()
        }
    }

    /// The latest items of the user, less those of one session.
    ///
    /// Conversations come one after the other, the most recently active last, each in its order.
    /// The cost depends on the limit alone, not on how much is stored.
    public func latestItems(
        limit: Int,
        excluding session: SessionID? = nil
    ) async throws -> [DatedItem] {
        try await read { db, user in
            let excluded = try session.flatMap { try DatedItem.sessionPK($0, of: user, db) }
            // The latest n items lie in the n conversations that were active last.
            let conversations = try db.rows(
                """
                SELECT pk FROM conversations
                WHERE user_pk = ? AND deleted_at IS NULL AND last_message_at IS NOT NULL
                ORDER BY last_message_at DESC LIMIT ?
                """,
                [user, max(limit, 0)]
            ) { $0.integer() }
            var tails: [[DatedItem]] = []
            var missing = limit
            for pk in conversations where missing > 0 {
                let tail = try DatedItem.tail(of: pk, limit: missing, excluding: excluded, db)
                missing -= tail.count
                tails.append(tail)
            }
            return tails.reversed().flatMap { $0.reversed() }
        }
    }

    /// All items of a conversation in its order, a page at a time, for exports.
    ///
    /// Each page is read when it is asked for, so memory is bounded; what is added behind the
    /// place reached meanwhile is included.
    public func allItems(
        of conversation: ConversationID,
        pageSize: Int = 100
    ) -> AsyncThrowingStream<[Item], any Error> {
        let next = NextPage(pageSize: pageSize)
        return AsyncThrowingStream { try await next.items(of: conversation, from: self) }
    }
}

/// How far an export has come.
private actor NextPage {
    private let pageSize: Int
    /// The last item that was read, and where it stood then.
    private var last: (id: ItemID, position: Int64)?

    init(pageSize: Int) {
        self.pageSize = max(pageSize, 1)
    }

    func items(of conversation: ConversationID, from store: UserStore) async throws -> [Item]? {
        let (last, size) = (last, pageSize)
        let items = try await store.read { db, user in
            let pk = try Conversation.existingPK(conversation, of: user, db)
            let start = try Self.position(behind: last, in: pk, db)
            return try db.rows(
                """
                SELECT \(Item.columns) FROM \(Item.source)
                WHERE i.conversation_pk = ? AND i.position > ? ORDER BY i.position LIMIT ?
                """,
                [pk, start, size],
                Item.init
            )
        }
        guard let end = items.last else { return nil }
        self.last = (end.id, end.position)
        return items
    }

    /// Where to go on: the last item may have been moved meanwhile, or deleted.
    private static func position(
        behind last: (id: ItemID, position: Int64)?,
        in conversation: Int64,
        _ db: Database
    ) throws -> Int64 {
        guard let last else { return .min }
        let position = try db.first(
            "SELECT position FROM items WHERE id = ? AND conversation_pk = ?",
            [last.id.text, conversation]
        ) { $0.integer() }
        return position ?? last.position
    }
}

extension Segment {
    /// The number of a session of a conversation; nil for none.
    ///
    /// - Throws: ``ContextStoreError/notFound(_:)`` for a session that is not of it.
    static func sessionPK(
        _ session: SessionID?,
        in conversation: Int64,
        _ db: Database
    ) throws -> Int64? {
        guard let session else { return nil }
        let pk = try db.first(
            "SELECT pk FROM sessions WHERE id = ? AND conversation_pk = ?",
            [session.text, conversation]
        ) { $0.integer() }
        guard let pk else { throw ContextStoreError.notFound(.session) }
        return pk
    }

    static func revision(of conversation: Int64, _ db: Database) throws -> Int64 {
        try db.first("SELECT revision FROM conversations WHERE pk = ?", [conversation]) {
            $0.integer()
        } ?? 0
    }
}

extension DatedItem {
    fileprivate static func sessionPK(
        _ id: SessionID,
        of user: Int64,
        _ db: Database
    ) throws -> Int64? {
        try db.first(
            "SELECT pk FROM sessions WHERE id = ? AND user_pk = ?",
            [id.text, user]
        ) { $0.integer() }
    }

    /// The last items of a conversation, last first.
    fileprivate static func tail(
        of conversation: Int64,
        limit: Int,
        excluding session: Int64?,
        _ db: Database
    ) throws -> [DatedItem] {
        try db.rows(
            """
            SELECT s.created_at, \(Item.columns) FROM \(Item.source)
            WHERE i.conversation_pk = ? AND i.session_pk IS NOT ifnull(?, -1)
            ORDER BY i.position DESC LIMIT ?
            """,
            [conversation, session, max(limit, 0)]
        ) { row in
            let startedAt = row.optionalTimestamp()
            return DatedItem(item: try Item(&row), sessionStartedAt: startedAt)
        }
    }
}
