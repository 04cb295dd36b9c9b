internal import GRDB
public import JSON

extension UserStore {
    /// Makes a session, together with its conversation when it names none.
    ///
    /// Throws `notFound(.conversation)` or `notFound(.agent)`, and `conflict("secret_reused")`
    /// when another session has the same secret.
    public func createSession(_ new: NewSession) async throws -> Session {
        try await write(isCreation: true) { context, owner in
            try insertSession(new, context, owner)
        }
    }

    /// Makes a session, once for all requests with the same idempotency key, if there is one.
    public func createSession(
        _ new: NewSession,
        once record: IdempotencyRecord<Session>?
    ) async throws -> IdempotentAnswer<Session> {
        try await write(once: record) { context, owner in
            try insertSession(new, context, owner)
        }
    }

    /// A session.
    public func session(_ id: SessionID) async throws -> Session {
        try await read { db, user in try Session.find(id, of: user, db).session }
    }

    /// The latest session with an id upstream; nil when there is none.
    public func session(upstreamID: String) async throws -> Session? {
        try await read { db, user in
            try db.first(
                """
                SELECT \(Session.columns) FROM \(Session.source)
                WHERE s.upstream_id = ? AND s.user_pk = ? ORDER BY s.pk DESC
                """,
                [upstreamID, user],
                Session.init
            )
        }
    }

    /// A page of the user's sessions, by creation; of one conversation if that is named.
    ///
    /// What broadcasts consume is recorded as of sessions, too, which nobody can have: they are left out.
    public func sessions(
        of conversation: ConversationID? = nil,
        _ request: PageRequest<SessionID> = PageRequest()
    ) async throws -> Page<Session> {
        try await read { db, user in
            let scope: (sql: String, value: Int64)
            if let conversation {
                let pk = try Conversation.existingPK(conversation, of: user, db)
                scope = ("s.conversation_pk", pk)
            } else {
                scope = ("s.user_pk", user)
            }
            let keyset = try Keyset(request) { id in
                try db.first(
                    "SELECT s.pk FROM \(Session.source) WHERE s.id = ? AND \(scope.sql) = ?",
                    [id.text, scope.value]
                ) { $0.integer() }
            }
            let rows = try db.rows(
                """
                SELECT \(Session.columns) FROM \(Session.source)
                WHERE \(scope.sql) = ?
                AND NOT EXISTS (SELECT 1 FROM broadcasts b WHERE b.session_pk = s.pk)
                AND \(keyset.condition("s.pk"))
                """,
                [scope.value] + keyset.arguments,
                Session.init
            )
            return keyset.page(rows)
        }
    }

    /// Notes that a session is in use, and its id upstream if that became known.
    ///
    /// Throws `conflict("session_ended")` for one that has ended.
    @discardableResult
    public func markSessionActive(
        _ id: SessionID,
        upstreamID: String? = nil
    ) async throws -> Session {
        try await write { context, owner in
            let (pk, session) = try Session.find(id, of: owner.pk, context.db)
            guard session.status != .ended else {
                throw ContextStoreError.conflict(
                    code: "session_ended",
                    message: "The session has ended."
                )
            }
            try context.db.run(
                """
                UPDATE sessions SET status = 'active', upstream_id = ifnull(?, upstream_id)
                WHERE pk = ?
                """,
                [upstreamID, pk]
            )
            return try Session.find(id, of: owner.pk, context.db).session
        }
    }

    /// Stores how a session is configured from now on; its memory block stays.
    ///
    /// - Throws: ``ContextStoreError/notFound(_:)`` when there is no such session.
    public func updateConfiguration(_ configuration: JSONObject, of id: SessionID) async throws {
        var configuration = configuration
        configuration[Session.memoryKey] = nil
        let stored = configuration.stored
        try await write(weight: 512 + stored.utf8.count) { context, owner in
            let (pk, _) = try Session.find(id, of: owner.pk, context.db)
            try context.db.run(
                "UPDATE sessions SET configuration = ? WHERE pk = ?",
                [stored, pk]
            )
        }
    }

    /// Notes that a session which nobody used yet is in use.
    ///
    /// - Throws: ``ContextStoreError/conflict(code:message:)`` when it is in use, or was.
    public func claimSession(_ id: SessionID, upstreamID: String) async throws -> Session {
        try await write { context, owner in
            let (pk, session) = try Session.find(id, of: owner.pk, context.db)
            guard session.status == .created else {
                throw ContextStoreError.conflict(
                    code: session.status == .ended ? "session_ended" : "session_in_use",
                    message: session.status == .ended
                        ? "The session has ended." : "The session is in use already."
                )
            }
            try context.db.run(
                "UPDATE sessions SET status = 'active', upstream_id = ? WHERE pk = ?",
                [upstreamID, pk]
            )
            return try Session.find(id, of: owner.pk, context.db).session
        }
    }

    /// The upstream ids of what is open among a session's latest items, in conversation order: what is
    /// in progress, and calls without an answer.
    public func unfinishedItems(of session: SessionID) async throws -> [String] {
        try await read { db, user in
            let pk = try Session.find(session, of: user, db).pk
            return try db.rows(
                """
                WITH latest AS (SELECT upstream_id, kind, status, position,
                    json_extract(metadata, '$.call_id') AS call_id
                    FROM items WHERE session_pk = ? ORDER BY position DESC LIMIT 200)
                SELECT upstream_id FROM latest AS l WHERE upstream_id IS NOT NULL
                AND (status = 'in_progress' OR kind = 'function_call' AND NOT EXISTS (
                    SELECT 1 FROM latest AS o
                    WHERE o.kind = 'function_call_output' AND o.call_id = l.call_id))
                ORDER BY position
                """,
                [pk]
            ) { $0.text() }
        }
    }

    /// Ends a session; one that has ended stays as it is, with its first reason.
    ///
    /// What was in progress in it is incomplete, unless more is told of it later.
    @discardableResult
    public func endSession(_ id: SessionID, reason: String) async throws -> Session {
        try await write { context, owner in
            let (pk, session) = try Session.find(id, of: owner.pk, context.db)
            guard session.status != .ended else { return session }
            try context.db.run(
                "UPDATE sessions SET status = 'ended', ended_at = ?, end_reason = ? WHERE pk = ?",
                [store.now().milliseconds, reason, pk]
            )
            try Session.endItems(of: pk, context.db)
            context.noteChange(
                ConversationChange(user: user, conversation: session.conversationID, session: id)
            )
            return try Session.find(id, of: owner.pk, context.db).session
        }
    }

    /// What is in progress in a session is incomplete, unless more is told of it later.
    public func endItemsInProgress(of session: SessionID) async throws {
        try await write { context, owner in
            try Session.endItems(of: Session.find(session, of: owner.pk, context.db).pk, context.db)
        }
    }

    func insertSession(
        _ new: NewSession,
        _ context: WriteContext,
        _ owner: Owner
    ) throws -> Session {
        let db = context.db
        if let hash = new.secretHash { try takeSecret(hash, for: new.transport, db) }
        let agent = try agentPK(new.agentID, owner, db)
        let conversation: Int64
        if let id = new.conversationID {
            conversation = try Conversation.existingPK(id, of: owner.pk, db)
        } else {
            conversation = try insertConversation(new.conversation, context, owner).pk
        }
        try dropUnusedMemory(owner, db)
        let id = store.ids.make(SessionID.self)
        try insertRow(new, id, owner, conversation, agent, db)
        return try Session.find(id, of: owner.pk, db).session
    }

    /// A session that nobody connected to in time, and a call that must be over, end without word.
    private func dropUnusedMemory(_ owner: Owner, _ db: Database) throws {
        try db.run(
            """
            UPDATE sessions SET memory = NULL WHERE user_pk = ?1 AND memory IS NOT NULL
            AND (status = 'created' AND secret_expires_at < ?2
            OR transport = 'webrtc' AND created_at + maximum_duration_s * 1000 < ?2)
            """,
            [owner.pk, store.now().milliseconds]
        )
    }

    /// Secrets of the broker's own are never the same; what upstream gives out is not ours to judge,
    /// and belongs to the latest session.
    private func takeSecret(
        _ hash: [UInt8],
        for transport: Session.Transport,
        _ db: Database
    ) throws {
        guard transport == .websocket else {
            try db.run("UPDATE sessions SET secret_hash = NULL WHERE secret_hash = ?", [hash.blob])
            return
        }
        guard try !Session.isSecretKnown(hash, db) else {
            throw ContextStoreError.conflict(
                code: "secret_reused",
                message: "Another session has this client secret."
            )
        }
    }

    private func insertRow(
        _ new: NewSession,
        _ id: SessionID,
        _ owner: Owner,
        _ conversation: Int64,
        _ agent: Int64?,
        _ db: Database
    ) throws {
        var configuration = new.configuration
        let memory = configuration[Session.memoryKey]?.stringValue
        configuration[Session.memoryKey] = nil
        try db.run(
            """
            INSERT INTO sessions (id, user_pk, conversation_pk, agent_pk, status, kind, transport,
            model, voice, upstream_id, secret_hash, secret_expires_at, maximum_duration_s,
            created_at, context, configuration, memory, webhooks, metadata)
            VALUES (?, ?, ?, ?, 'created', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id.text, owner.pk, conversation, agent, new.kind.rawValue, new.transport.rawValue,
                new.model, new.voice, new.upstreamID, new.secretHash?.blob,
                new.secretExpiresAt.milliseconds, new.maximumDurationSeconds,
                store.now().milliseconds, new.context.stored, configuration.stored, memory,
                new.webhooks?.blob, new.metadata.stored,
            ]
        )
    }
}

extension ContextStore {
    /// All users' sessions that are in use, oldest first: after a crash, what it interrupted.
    public func activeSessions() async throws -> [OwnedSession] {
        try await read { db in
            try db.rows(
                """
                SELECT u.external_id, \(Session.columns) FROM \(Session.source)
                JOIN users u ON u.pk = s.user_pk AND u.external_id IS NOT NULL
                WHERE s.status = 'active' ORDER BY s.pk
                """
            ) { row in
                OwnedSession(user: UserID(stored: row.text()), session: try Session(&row))
            }
        }
    }

    /// The session that a client secret's hash belongs to, and its owner; nil when there is none.
    ///
    /// Whether the secret has expired is for the caller to see.
    public func session(secretHash: [UInt8]) async throws -> OwnedSession? {
        try await read { db in
            try db.first(
                """
                SELECT u.external_id, \(Session.columns) FROM \(Session.source)
                JOIN users u ON u.pk = s.user_pk AND u.external_id IS NOT NULL
                WHERE s.secret_hash = ?
                """,
                [secretHash.blob]
            ) { row in
                OwnedSession(user: UserID(stored: row.text()), session: try Session(&row))
            }
        }
    }
}

extension Session {
    /// A user's session and its number.
    static func find(
        _ id: SessionID,
        of user: Int64,
        _ db: Database
    ) throws -> (pk: Int64, session: Session) {
        let found = try db.first(
            "SELECT s.pk, \(columns) FROM \(source) WHERE s.id = ? AND s.user_pk = ?",
            [id.text, user]
        ) { (pk: $0.integer(), session: try Session(&$0)) }
        guard let found else { throw ContextStoreError.notFound(.session) }
        return found
    }

    fileprivate static func endItems(of session: Int64, _ db: Database) throws {
        try db.run(
            """
            UPDATE items SET status = 'incomplete'
            WHERE session_pk = ? AND status = 'in_progress'
            """,
            [session]
        )
    }

    fileprivate static func isSecretKnown(_ hash: [UInt8], _ db: Database) throws -> Bool {
        try db.first("SELECT 1 FROM sessions WHERE secret_hash = ?", [hash.blob]) {
            $0.integer()
        } != nil
    }
}
