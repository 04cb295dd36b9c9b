internal import GRDB

extension UserStore {
    /// Stores items in a conversation, all or none, in their order.
    ///
    /// An item whose upstream id is known updates the one that is stored.
    ///
    /// Throws `notFound(.conversation)`, `notFound(.session)`, `conflict("item_mismatch")` when a
    /// known item comes with another role or kind, and `conflict("item_deleted")`.
    public func append(
        _ items: [NewItem],
        to conversation: ConversationID
    ) async throws -> [StoredItem] {
        try await write(weight: weight(of: items)) { context, owner in
            try storeItems(items, in: conversation, context, owner)
        }
    }

    /// Stores items in a conversation, once for all requests with the same idempotency key, if there is one.
    public func append(
        _ items: [NewItem],
        to conversation: ConversationID,
        once record: IdempotencyRecord<[StoredItem]>?
    ) async throws -> IdempotentAnswer<[StoredItem]> {
        try await write(weight: weight(of: items), once: record, of: conversation) {
            context,
            owner in
            try storeItems(items, in: conversation, context, owner)
        }
    }

    /// An item.
    public func item(_ id: ItemID) async throws -> Item {
        try await read { db, user in
            let item = try db.first(
                "SELECT \(Item.columns) FROM \(Item.source) WHERE i.id = ? AND i.user_pk = ?",
                [id.text, user],
                Item.init
            )
            guard let item else { throw ContextStoreError.notFound(.item) }
            return item
        }
    }

    /// A page of a conversation's items, by position.
    public func items(
        of conversation: ConversationID,
        _ request: PageRequest<ItemID> = PageRequest()
    ) async throws -> Page<Item> {
        try await read { db, user in
            let pk = try Conversation.existingPK(conversation, of: user, db)
            let keyset = try Keyset(request) { id in
                try db.first(
                    "SELECT position FROM items WHERE id = ? AND conversation_pk = ?",
                    [id.text, pk]
                ) { $0.integer() }
            }
            let rows = try db.rows(
                """
                SELECT \(Item.columns) FROM \(Item.source)
                WHERE i.conversation_pk = ? AND \(keyset.condition("i.position"))
                """,
                [pk] + keyset.arguments,
                Item.init
            )
            return keyset.page(rows)
        }
    }

    /// Deletes an item, and the summaries that were made with it.
    ///
    /// A late report of the same upstream id does not bring it back.
    public func deleteItem(_ id: ItemID) async throws {
        try await write { context, owner in
            let row = try context.db.first(
                """
                SELECT i.pk, i.conversation_pk, \(Item.columns) FROM \(Item.source)
                WHERE i.id = ? AND i.user_pk = ?
                """,
                [id.text, owner.pk]
            ) { (pk: $0.integer(), conversation: $0.integer(), item: try Item(&$0)) }
            guard let row else { throw ContextStoreError.notFound(.item) }
            let order = ItemOrder(db: context.db, conversation: row.conversation)
            try order.delete(row.pk, owner)
            try uncount(row.conversation, context.db)
            context.noteChange(
                ConversationChange(
                    user: user,
                    conversation: row.item.conversationID,
                    session: row.item.sessionID
                )
            )
        }
    }

    /// Deletes the item with an upstream id; where there is none, nothing is to be done.
    public func deleteItem(upstreamID: String, in conversation: ConversationID) async throws {
        let id = try await read { db, user in
            let pk = try Conversation.existingPK(conversation, of: user, db)
            return try db.first(
                "SELECT id FROM items WHERE conversation_pk = ? AND upstream_id = ?",
                [pk, upstreamID]
            ) { ItemID(stored: $0.text()) }
        }
        if let id { try await deleteItem(id) }
    }

    /// Gives items that upstream does not know their own ids as upstream ids, so that it can be told
    /// of them without anything being stored twice.
    public func adoptUpstreamIDs(of items: [ItemID]) async throws {
        guard !items.isEmpty else { return }
        try await write { context, owner in
            for id in items {
                try context.db.run(
                    """
                    UPDATE items SET upstream_id = id
                    WHERE id = ? AND user_pk = ? AND upstream_id IS NULL
                    """,
                    [id.text, owner.pk]
                )
            }
        }
    }

    private func weight(of items: [NewItem]) -> Int {
        items.reduce(512) { $0 + $1.weight }
    }

    private func storeItems(
        _ items: [NewItem],
        in conversation: ConversationID,
        _ context: WriteContext,
        _ owner: Owner
    ) throws -> [StoredItem] {
        var writer = try ItemWriter(
            context,
            owner: owner,
            conversation: conversation,
            now: store.now(),
            ids: store.ids
        )
        let stored = try items.map { try writer.store($0.withoutZeroBytes) }
        try writer.finish()
        return stored
    }

    /// The latest message is looked for among the last 1,000: nearly always it is the last.
    private func uncount(_ conversation: Int64, _ db: Database) throws {
        try db.run(
            """
            UPDATE conversations SET message_count = message_count - 1, updated_at = ?,
            last_message_at = (SELECT max(created_at) FROM (SELECT created_at FROM items
            WHERE conversation_pk = conversations.pk ORDER BY position DESC LIMIT 1000))
            WHERE pk = ?
            """,
            [store.now().milliseconds, conversation]
        )
    }
}
