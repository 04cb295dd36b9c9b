internal import GRDB
internal import JSON

extension UserStore {
    /// Makes a broadcast with its conversation and its session, once for all requests with the same
    /// idempotency key, if there is one.
    public func createBroadcast(
        _ settings: BroadcastSettings,
        once record: IdempotencyRecord<Broadcast>?
    ) async throws -> IdempotentAnswer<Broadcast> {
        try await write(once: record) { context, owner in
            try insertBroadcast(settings, context, owner)
        }
    }

    /// A broadcast.
    public func broadcast(_ id: BroadcastID) async throws -> Broadcast {
        try await read { db, user in try Broadcast.find(id, of: user, db).broadcast }
    }

    /// A page of the user's broadcasts, by creation.
    public func broadcasts(
        _ request: PageRequest<BroadcastID> = PageRequest()
    ) async throws -> Page<Broadcast> {
        try await read { db, user in
            let keyset = try Keyset(request) { id in
                try db.first(
                    "SELECT b.pk FROM \(Broadcast.source) WHERE b.id = ? AND b.user_pk = ?",
                    [id.text, user]
                ) { $0.integer() }
            }
            let rows = try db.rows(
                """
                SELECT \(Broadcast.columns) FROM \(Broadcast.source)
                WHERE b.user_pk = ? AND \(keyset.condition("b.pk"))
                """,
                [user] + keyset.arguments,
                Broadcast.init
            )
            return keyset.page(rows)
        }
    }

    /// Has a broadcast listened to with another token from now on, once for all requests with the same
    /// idempotency key, if there is one.
    ///
    /// Throws `conflict("broadcast_is_public")` for one that needs none.
    public func replaceTokenHash(
        _ hash: [UInt8],
        of id: BroadcastID,
        once record: IdempotencyRecord<Broadcast>?
    ) async throws -> IdempotentAnswer<Broadcast> {
        try await change(id, once: record) { broadcast, pk, db in
            guard broadcast.settings.access == .token else {
                throw ContextStoreError.conflict(
                    code: "broadcast_is_public",
                    message: "The broadcast is public: nobody needs a token."
                )
            }
            try db.run("UPDATE broadcasts SET token_hash = ? WHERE pk = ?", [hash.blob, pk])
        }
    }

    /// Deletes a broadcast with its captions and its conversation.
    ///
    /// It is gone from every read at once; its rows are removed in the background.
    public func deleteBroadcast(_ id: BroadcastID) async throws {
        try await deleteConversation(broadcast(id).conversationID)
    }

    /// Notes that somebody begins to speak; the first one makes the broadcast live.
    ///
    /// Throws `conflict("broadcast_ended")` for one that has ended.
    public func beginSpeaking(in id: BroadcastID) async throws -> Broadcast {
        try await change(id) { broadcast, pk, db in
            guard broadcast.status != .ended else {
                throw ContextStoreError.conflict(
                    code: "broadcast_ended",
                    message: "The broadcast has ended."
                )
            }
            try db.run(
                """
                UPDATE broadcasts SET status = 'live', is_speaking = 1, speakers = speakers + 1,
                started_at = ifnull(started_at, ?) WHERE pk = ?
                """,
                [store.now().milliseconds, pk]
            )
        }
    }

    /// Notes that nobody speaks any more.
    public func endSpeaking(in id: BroadcastID) async throws -> Broadcast {
        try await change(id) { _, pk, db in
            try db.run("UPDATE broadcasts SET is_speaking = 0 WHERE pk = ?", [pk])
        }
    }

    /// Ends a broadcast; one that has ended stays as it is, with its first reason.
    public func endBroadcast(
        _ id: BroadcastID,
        reason: String,
        once record: IdempotencyRecord<Broadcast>?
    ) async throws -> IdempotentAnswer<Broadcast> {
        let answer = try await change(id, once: record) { broadcast, pk, db in
            guard broadcast.status != .ended else { return }
            try db.run(
                """
                UPDATE broadcasts SET status = 'ended', is_speaking = 0, ended_at = ?,
                end_reason = ? WHERE pk = ?
                """,
                [store.now().milliseconds, reason, pk]
            )
        }
        if let ended = answer.value { try await endSession(ended.sessionID, reason: reason) }
        return answer
    }

    private func change(
        _ id: BroadcastID,
        _ body: @escaping @Sendable (Broadcast, Int64, Database) throws -> Void
    ) async throws -> Broadcast {
        try await write { context, owner in try changed(id, body, context, owner) }
    }

    private func change(
        _ id: BroadcastID,
        once record: IdempotencyRecord<Broadcast>?,
        _ body: @escaping @Sendable (Broadcast, Int64, Database) throws -> Void
    ) async throws -> IdempotentAnswer<Broadcast> {
        try await write(once: record) { context, owner in try changed(id, body, context, owner) }
    }

    private func changed(
        _ id: BroadcastID,
        _ body: (Broadcast, Int64, Database) throws -> Void,
        _ context: WriteContext,
        _ owner: Owner
    ) throws -> Broadcast {
        let (pk, broadcast) = try Broadcast.find(id, of: owner.pk, context.db)
        try body(broadcast, pk, context.db)
        return try Broadcast.find(id, of: owner.pk, context.db).broadcast
    }

    private func insertBroadcast(
        _ settings: BroadcastSettings,
        _ context: WriteContext,
        _ owner: Owner
    ) throws -> Broadcast {
        let id = store.ids.make(BroadcastID.self)
        let now = store.now()
        let new = NewSession(
            conversation: NewConversation(
                title: settings.title,
                metadata: ["broadcast_id": .string(id.text)]
            ),
            kind: .transcription,
            transport: .websocket,
            model: "",
            // Nobody can open it: it only stands for what the broadcast consumes.
            secretExpiresAt: now,
            maximumDurationSeconds: 0,
            context: [
                "tokens": 0, "max_tokens": 0, "messages": 0, "summaries": 0, "truncated": false,
            ]
        )
        let session = try insertSession(new, context, owner)
        let db = context.db
        try db.run(
            """
            INSERT INTO broadcasts (id, user_pk, conversation_pk, session_pk, title, mode,
            source_language, languages, has_audio, access, token_hash, metadata, status, created_at)
            SELECT ?, user_pk, conversation_pk, pk, ?, ?, ?, ?, ?, ?, ?, ?, 'created', ?
            FROM sessions WHERE id = ?
            """,
            [
                id.text, settings.title, settings.mode.rawValue, settings.sourceLanguage,
                JSONValue.array(settings.languages.map(JSONValue.string)).text,
                settings.hasAudio ? 1 : 0, settings.access.rawValue, settings.tokenHash?.blob,
                settings.metadata.stored, now.milliseconds, session.id.text,
            ]
        )
        return try Broadcast.find(id, of: owner.pk, db).broadcast
    }
}

extension ContextStore {
    /// A broadcast by its id, whoever's it is, for listeners; nil when there is none.
    public func broadcast(_ id: BroadcastID) async throws -> OwnedBroadcast? {
        try await read { db in
            try db.first(
                """
                SELECT u.external_id, \(Broadcast.columns) FROM \(Broadcast.source)
                JOIN users u ON u.pk = b.user_pk AND u.external_id IS NOT NULL WHERE b.id = ?
                """,
                [id.text]
            ) { row in
                OwnedBroadcast(user: UserID(stored: row.text()), broadcast: try Broadcast(&row))
            }
        }
    }
}

extension Broadcast {
    /// A user's broadcast and its number.
    static func find(
        _ id: BroadcastID,
        of user: Int64,
        _ db: Database
    ) throws -> (pk: Int64, broadcast: Broadcast) {
        let found = try db.first(
            "SELECT b.pk, \(columns) FROM \(source) WHERE b.id = ? AND b.user_pk = ?",
            [id.text, user]
        ) { row in (pk: row.integer(), broadcast: try Broadcast(&row)) }
        guard let found else { throw ContextStoreError.notFound(.broadcast) }
        return found
    }
}
