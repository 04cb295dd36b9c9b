internal import GRDB
internal import JSON

/// Stores items of one conversation within one request.
struct ItemWriter {
    let context: WriteContext
    let owner: Owner
    let conversation: ConversationID
    let now: Timestamp
    let ids: IdentifierGenerator

    private let conversationPK: Int64
    /// The last item's position; nil when it has to be looked up again.
    private var end: Int64?
    private var created = 0
    private var hasChanged = false
    private var latest: Timestamp?
    private var sessions: [SessionID: Int64] = [:]

    private var db: Database { context.db }
    private var order: ItemOrder { ItemOrder(db: db, conversation: conversationPK) }

    /// A writer for a conversation of a user.
    ///
    /// - Throws: ``ContextStoreError/notFound(_:)`` when the user has no such conversation.
    init(
        _ context: WriteContext,
        owner: Owner,
        conversation: ConversationID,
        now: Timestamp,
        ids: IdentifierGenerator
    ) throws {
        let row = try context.db.first(
            """
            SELECT pk, (SELECT position FROM items WHERE conversation_pk = c.pk
            ORDER BY position DESC LIMIT 1)
            FROM conversations c WHERE id = ? AND user_pk = ? AND deleted_at IS NULL
            """,
            [conversation.text, owner.pk]
        ) { (pk: $0.integer(), end: $0.optionalInteger()) }
        guard let row else { throw ContextStoreError.notFound(.conversation) }
        conversationPK = row.pk
        end = row.end ?? 0
        self.context = context
        self.owner = owner
        self.conversation = conversation
        self.now = now
        self.ids = ids
    }

    /// Stores one item, or what is new of a known one.
    mutating func store(_ new: NewItem) throws -> StoredItem {
        let session = try new.sessionID.map { try sessionPK($0) }
        guard let upstreamID = new.upstreamID else { return try insert(new, session: session) }
        if let known = try knownItem(upstreamID) {
            return try update(known, with: new, session: session)
        }
        if try order.deletedLink(upstreamID) != nil {
            throw ContextStoreError.conflict(
                code: "item_deleted",
                message: "This item was deleted from the conversation."
            )
        }
        return try insert(new, session: session)
    }

    /// Brings the conversation's counters up to date; call it once, last.
    func finish() throws {
        guard hasChanged else { return }
        try db.run(
            """
            UPDATE conversations SET message_count = message_count + ?,
            last_message_at = nullif(max(ifnull(last_message_at, -1), ?), -1), updated_at = ?
            WHERE pk = ?
            """,
            [created, latest?.milliseconds ?? -1, now.milliseconds, conversationPK]
        )
    }

    private mutating func sessionPK(_ session: SessionID) throws -> Int64 {
        if let pk = sessions[session] { return pk }
        let pk = try db.first(
            "SELECT pk FROM sessions WHERE id = ? AND conversation_pk = ?",
            [session.text, conversationPK]
        ) { $0.integer() }
        guard let pk else { throw ContextStoreError.notFound(.session) }
        sessions[session] = pk
        return pk
    }

    private mutating func noteChange(in session: SessionID?) {
        hasChanged = true
        context.noteChange(
            ConversationChange(user: owner.user, conversation: conversation, session: session)
        )
    }

    // MARK: - New items

    private mutating func insert(_ new: NewItem, session: Int64?) throws -> StoredItem {
        let end = try self.end ?? order.edge(of: nil, last: true)?.position ?? 0
        var (position, link, isLast) = try order.place(
            new.placement,
            upstreamID: new.upstreamID,
            session: session,
            end: end
        )
        let id = ids.make(ItemID.self)
        let createdAt = new.createdAt ?? now
        try insertRow(new, id: id, session: session, position: position, link: link, at: createdAt)
        let pk = db.lastInsertedRowID
        // An item in between may have had others moved for it, and belongs to a summary.
        self.end = isLast ? position : nil
        if !isLast { try order.outdateSummary(of: session, at: position) }
        if let upstreamID = new.upstreamID, try order.settle(pk, upstreamID: upstreamID) {
            position = try order.place(pk: pk)?.position ?? position
            self.end = nil
        }
        created += 1
        latest = max(latest ?? createdAt, createdAt)
        noteChange(in: new.sessionID)
        let item = Item(
            id: id,
            conversationID: conversation,
            sessionID: new.sessionID,
            upstreamID: new.upstreamID,
            kind: new.kind,
            role: new.role,
            content: new.content,
            status: new.status,
            position: position,
            createdAt: createdAt,
            metadata: new.metadata
        )
        return StoredItem(item: item, wasCreated: true)
    }

    private func insertRow(
        _ new: NewItem,
        id: ItemID,
        session: Int64?,
        position: Int64,
        link: ItemLink,
        at createdAt: Timestamp
    ) throws {
        try db.run(
            """
            INSERT INTO items (id, user_pk, conversation_pk, session_pk, upstream_id, kind, role,
            status, link, previous_upstream_id, position, created_at, metadata, content)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id.text, owner.pk, conversationPK, session, new.upstreamID, new.kind.rawValue,
                new.role.rawValue, new.status.rawValue, link.kind.rawValue, link.previous,
                position, createdAt.milliseconds, new.metadata.stored, new.content,
            ]
        )
    }

    // MARK: - Known items

    private struct KnownItem {
        let place: ItemOrder.Place
        let session: Int64?
        var item: Item
    }

    private func knownItem(_ upstreamID: String) throws -> KnownItem? {
        guard let place = try order.place(upstreamID: upstreamID) else { return nil }
        return try db.first(
            "SELECT i.session_pk, \(Item.columns) FROM \(Item.source) WHERE i.pk = ?",
            [place.pk]
        ) { row in
            let session = row.optionalInteger()
            return KnownItem(place: place, session: session, item: try Item(&row))
        }
    }

    private mutating func update(
        _ known: KnownItem,
        with new: NewItem,
        session: Int64?
    ) throws -> StoredItem {
        var item = known.item
        guard item.kind == new.kind, item.role == new.role else {
            throw ContextStoreError.conflict(
                code: "item_mismatch",
                message: "This item is stored with another type or role."
            )
        }
        if known.session == nil, session != nil { item.sessionID = new.sessionID }
        try item.learn(from: new)
        if item != known.item {
            try updateRow(known.place.pk, to: item, session: known.session ?? session)
            if item.sessionID != known.item.sessionID {
                // It was part of what is outside of sessions.
                try order.outdateSummary(of: nil, at: known.place.position)
                try order.outdateSummary(of: session, at: known.place.position)
            }
            noteChange(in: item.sessionID)
        }
        if known.place.link.kind == .unlinked, new.placement != .unspecified {
            try order.relink(known.place, new.placement, session: known.session ?? session)
            item.position = try order.place(pk: known.place.pk)?.position ?? item.position
            end = nil
            noteChange(in: item.sessionID)
        }
        return StoredItem(item: item, wasCreated: false)
    }

    private func updateRow(_ pk: Int64, to item: Item, session: Int64?) throws {
        try db.run(
            "UPDATE items SET session_pk = ?, status = ?, metadata = ?, content = ? WHERE pk = ?",
            [session, item.status.rawValue, item.metadata.stored, item.content, pk]
        )
    }
}

extension Item {
    /// Takes over what a later report says; reports may come late, twice and in any order.
    ///
    /// A report that the item is in progress, when it is finished already, is old: it only adds
    /// what is missing. Empty text never replaces text.
    ///
    /// Throws `conflict("metadata_too_large")` when the metadata would grow beyond its bound.
    mutating func learn(from new: NewItem) throws {
        let isOld = status != .inProgress && new.status == .inProgress
        if !new.content.isEmpty, !isOld || content.isEmpty { content = new.content }
        if !new.metadata.isEmpty {
            let merged = isOld ? new.metadata.merging(metadata) : metadata.merging(new.metadata)
            try merged.requireFit(mergedFrom: metadata, new.metadata)
            metadata = merged
        }
        if !isOld { status = new.status }
    }
}

extension JSONObject {
    /// What reports of one item may add up to; each alone has a bound of its own.
    private static let maximumMergedBytes = 16_384

    /// Refuses what grew beyond the bound by merging.
    fileprivate func requireFit(mergedFrom known: JSONObject, _ new: JSONObject) throws {
        let size = mergedSize
        guard size > Self.maximumMergedBytes, size > max(known.mergedSize, new.mergedSize) else {
            return
        }
        throw ContextStoreError.conflict(
            code: "metadata_too_large",
            message: "With this the item's metadata would have more than 16384 bytes."
        )
    }

    /// Its bytes as it is stored, less the parts of the content: those are replaced as a whole.
    private var mergedSize: Int {
        var rest = self
        rest["parts"] = nil
        return rest.stored.utf8.count
    }
}

extension JSONObject {
    /// This object as it is stored.
    var stored: String {
        isEmpty ? "{}" : JSONValue.object(self).text
    }
}
