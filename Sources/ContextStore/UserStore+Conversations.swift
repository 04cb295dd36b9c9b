internal import GRDB
internal import JSON

extension UserStore {
    /// Makes a conversation.
    ///
    /// Throws `notFound(.agent)` when the agent is not this user's.
    public func createConversation(_ new: NewConversation) async throws -> Conversation {
        try await write(isCreation: true) { context, owner in
            try insertConversation(new, context, owner).conversation
        }
    }

    /// Makes a conversation, once for all requests with the same idempotency key, if there is one.
    public func createConversation(
        _ new: NewConversation,
        once record: IdempotencyRecord<Conversation>?
    ) async throws -> IdempotentAnswer<Conversation> {
        try await write(once: record) { context, owner in
            try insertConversation(new, context, owner).conversation
        }
    }

    /// A conversation.
    public func conversation(_ id: ConversationID) async throws -> Conversation {
        try await read { db, user in try Conversation.find(id, of: user, db).conversation }
    }

    /// A page of the user's conversations, by creation.
    public func conversations(
        _ request: PageRequest<ConversationID> = PageRequest()
    ) async throws -> Page<Conversation> {
        try await read { db, user in
            let keyset = try Keyset(request) { id in
                try Conversation.pk(id, of: user, db)
            }
            let rows = try db.rows(
                """
                SELECT \(Conversation.columns) FROM \(Conversation.source)
                WHERE c.user_pk = ? AND c.deleted_at IS NULL AND \(keyset.condition("c.pk"))
                """,
                [user] + keyset.arguments,
                Conversation.init
            )
            return keyset.page(rows)
        }
    }

    /// All of the user's conversations, oldest first, a page at a time, for exports.
    public func allConversations(
        pageSize: Int = 100
    ) -> AsyncThrowingStream<[Conversation], any Error> {
        let (pages, size) = (RowPages<Conversation>(), max(pageSize, 1))
        return AsyncThrowingStream {
            try await pages.next { place in
                try await read { db, user in
                    try db.rows(
                        """
                        SELECT c.pk, \(Conversation.columns) FROM \(Conversation.source)
                        WHERE c.user_pk = ? AND c.deleted_at IS NULL AND c.pk > ?
                        ORDER BY c.pk LIMIT ?
                        """,
                        [user, place, size]
                    ) { (pk: $0.integer(), element: try Conversation(&$0)) }
                }
            }
        }
    }

    /// Changes a conversation.
    public func updateConversation(
        _ id: ConversationID,
        _ update: ConversationUpdate
    ) async throws -> Conversation {
        try await write { context, owner in
            let db = context.db
            var (pk, conversation) = try Conversation.find(id, of: owner.pk, db)
            conversation.title = update.title.applied(to: conversation.title)
            conversation.agentID = update.agentID.applied(to: conversation.agentID)
            conversation.metadata = update.metadata.applied(to: conversation.metadata) ?? [:]
            conversation.updatedAt = store.now()
            try db.run(
                """
                UPDATE conversations SET title = ?, agent_pk = ?, metadata = ?, updated_at = ?
                WHERE pk = ?
                """,
                [
                    conversation.title, try agentPK(conversation.agentID, owner, db),
                    conversation.metadata.stored, conversation.updatedAt.milliseconds, pk,
                ]
            )
            return conversation
        }
    }

    /// Deletes a conversation with all that belongs to it.
    ///
    /// It is gone from every read at once; its rows are removed in the background, in small
    /// steps.
    public func deleteConversation(_ id: ConversationID) async throws {
        try await write { context, owner in
            let pk = try Conversation.pk(id, of: owner.pk, context.db)
            guard let pk else { throw ContextStoreError.notFound(.conversation) }
            try context.db.run(
                "UPDATE conversations SET deleted_at = ? WHERE pk = ?",
                [store.now().milliseconds, pk]
            )
        }
        store.purger.start()
    }

    /// Deletes everything of this user, agents and idempotency keys included.
    ///
    /// It is gone from every read at once; rows are removed in the background, in small steps.
    /// The same name may be used again at once, and begins anew.
    public func deleteEverything() async throws {
        try await write { context, owner in
            try context.db.run("UPDATE users SET external_id = NULL WHERE pk = ?", [owner.pk])
            context.forgetUser(user)
            store.users.forget(user)
        }
        store.purger.start()
    }

    func insertConversation(
        _ new: NewConversation,
        _ context: WriteContext,
        _ owner: Owner
    ) throws -> (pk: Int64, conversation: Conversation) {
        let now = new.createdAt ?? store.now()
        let conversation = Conversation(
            id: new.id ?? store.ids.make(),
            title: new.title,
            agentID: new.agentID,
            createdAt: now,
            updatedAt: now,
            messageCount: 0,
            lastMessageAt: nil,
            metadata: new.metadata
        )
        let agent = try agentPK(new.agentID, owner, context.db)
        try context.db.run(
            """
            INSERT INTO conversations
            (id, user_pk, agent_pk, title, metadata, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                conversation.id.text, owner.pk, agent, new.title, new.metadata.stored,
                now.milliseconds, now.milliseconds,
            ]
        )
        return (context.db.lastInsertedRowID, conversation)
    }

    /// The number of an agent of this user; nil for none.
    func agentPK(_ id: AgentID?, _ owner: Owner, _ db: Database) throws -> Int64? {
        guard let id else { return nil }
        let pk = try db.first(
            "SELECT pk FROM agents WHERE id = ? AND user_pk = ?",
            [id.text, owner.pk]
        ) { $0.integer() }
        guard let pk else { throw ContextStoreError.notFound(.agent) }
        return pk
    }
}

extension Conversation {
    /// A user's conversation and its number.
    static func find(
        _ id: ConversationID,
        of user: Int64,
        _ db: Database
    ) throws -> (pk: Int64, conversation: Conversation) {
        let found = try db.first(
            """
            SELECT c.pk, \(columns) FROM \(source)
            WHERE c.id = ? AND c.user_pk = ? AND c.deleted_at IS NULL
            """,
            [id.text, user]
        ) { (pk: $0.integer(), conversation: try Conversation(&$0)) }
        guard let found else { throw ContextStoreError.notFound(.conversation) }
        return found
    }

    /// The number of a user's conversation; nil when there is none.
    static func pk(_ id: ConversationID, of user: Int64, _ db: Database) throws -> Int64? {
        try db.first(
            "SELECT pk FROM conversations WHERE id = ? AND user_pk = ? AND deleted_at IS NULL",
            [id.text, user]
        ) { $0.integer() }
    }

    /// The number of a user's conversation.
    ///
    /// - Throws: ``ContextStoreError/notFound(_:)`` when there is none.
    static func existingPK(_ id: ConversationID, of user: Int64, _ db: Database) throws -> Int64 {
        guard let pk = try pk(id, of: user, db) else {
            throw ContextStoreError.notFound(.conversation)
        }
        return pk
    }
}
