public import Captions
internal import GRDB

extension UserStore {
    /// Stores captions of a broadcast, all or none; one that is known is told anew in its place.
    ///
    /// Captions of the source language are messages of the broadcast's conversation, too, in the same
    /// transaction, so that they are found by search.
    public func storeCaptions(_ captions: [Caption], of broadcast: Broadcast) async throws {
        let weight = captions.reduce(512) { $0 + $1.text.utf8.count + 256 }
        try await write(weight: weight) { context, owner in
            let conversation = try Conversation.existingPK(
                broadcast.conversationID,
                of: owner.pk,
                context.db
            )
            let now = store.now()
            for caption in captions {
                try insert(caption, conversation, owner, now, context.db)
            }
            let source = broadcast.settings.sourceLanguage
            let said = captions.filter { $0.language == source && !$0.text.isEmpty }
            guard !said.isEmpty else { return }
            var writer = try ItemWriter(
                context,
                owner: owner,
                conversation: broadcast.conversationID,
                now: now,
                ids: store.ids
            )
            for caption in said.sorted(by: { $0.sequence < $1.sequence }) {
                var item = NewItem(caption, in: broadcast.sessionID).withoutZeroBytes
                item.placement = try placement(of: caption, conversation, context.db)
                do {
                    _ = try writer.store(item)
                } catch ContextStoreError.conflict {
                    // The message was deleted by its owner, and stays so.
                }
            }
            try writer.finish()
        }
    }

    /// Captions of one language, by sequence.
    ///
    /// - Parameters:
    ///   - id: The broadcast.
    ///   - language: The language.
    ///   - sequence: Only those behind this one.
    ///   - limit: How many at most.
    /// - Returns: The captions, and whether there are more.
    /// - Throws: ``ContextStoreError/notFound(_:)`` when there is no such broadcast.
    public func captions(
        of id: BroadcastID,
        language: String,
        after sequence: Int64 = 0,
        limit: Int
    ) async throws -> Page<StoredCaption> {
        try await read { db, user in
            let rows = try db.rows(
                """
                SELECT \(StoredCaption.columns) FROM captions k
                WHERE k.conversation_pk = ? AND k.language = ? AND k.sequence > ?
                ORDER BY k.sequence LIMIT ?
                """,
                [try Broadcast.conversationPK(id, of: user, db), language, sequence, limit + 1],
                StoredCaption.init
            )
            return Page(elements: Array(rows.prefix(limit)), hasMore: rows.count > limit)
        }
    }

    /// The captions of one language that were told last, in the order of telling.
    public func latestCaptions(
        of id: BroadcastID,
        language: String,
        limit: Int
    ) async throws -> [StoredCaption] {
        try await read { db, user in
            let rows = try db.rows(
                """
                SELECT \(StoredCaption.columns) FROM captions k
                WHERE k.conversation_pk = ? AND k.language = ? ORDER BY k.number DESC LIMIT ?
                """,
                [try Broadcast.conversationPK(id, of: user, db), language, limit],
                StoredCaption.init
            )
            return rows.reversed()
        }
    }

    /// How far the captions of each language have come; those without captions are left out.
    public func tracks(of id: BroadcastID) async throws -> [TrackState] {
        try await read { db, user in
            try db.rows(
                """
                SELECT language, count(*), max(sequence), max(number), max(end_ms) FROM captions
                WHERE conversation_pk = ? GROUP BY language
                """,
                [try Broadcast.conversationPK(id, of: user, db)]
            ) { row in
                TrackState(
                    language: row.text(),
                    count: row.integer(),
                    lastSequence: row.integer(),
                    lastNumber: row.integer(),
                    coveredMs: row.integer()
                )
            }
        }
    }

    /// The sequences that are missing among the last ones of a language: what was being said when the
    /// process ended.
    public func missingCaptions(
        of id: BroadcastID,
        language: String,
        last: Int64
    ) async throws -> [Int64] {
        try await read { db, user in
            let from = max(1, last - 200)
            let known = try db.rows(
                """
                SELECT sequence FROM captions
                WHERE conversation_pk = ? AND language = ? AND sequence >= ?
                """,
                [try Broadcast.conversationPK(id, of: user, db), language, from]
            ) { $0.integer() }
            let all = Set(known)
            return last < from ? [] : (from...last).filter { !all.contains($0) }
        }
    }

    /// Where the message of a caption goes: to the end, unless one that was said later was told before.
    private func placement(
        of caption: Caption,
        _ conversation: Int64,
        _ db: Database
    ) throws -> ItemPlacement {
        let neighbour = { (condition: String) in
            try db.first(
                """
                SELECT i.upstream_id FROM captions k JOIN items i
                ON i.conversation_pk = k.conversation_pk
                AND i.upstream_id = 'caption_' || k.language || '_' || k.sequence
                WHERE k.conversation_pk = ? AND k.language = ? AND k.sequence \(condition) LIMIT 1
                """,
                [conversation, caption.language, caption.sequence]
            ) { $0.text() }
        }
        guard try neighbour("> ? ORDER BY k.sequence") != nil else { return .unspecified }
        return try neighbour("< ? ORDER BY k.sequence DESC").map(ItemPlacement.after) ?? .first
    }

    private func insert(
        _ caption: Caption,
        _ conversation: Int64,
        _ owner: Owner,
        _ now: Timestamp,
        _ db: Database
    ) throws {
        try db.run(
            """
            INSERT INTO captions (user_pk, conversation_pk, language, sequence, revision, number,
            kind, text, reason, speaker, spoken_language, start_ms, end_ms, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (conversation_pk, language, sequence) DO UPDATE SET
            revision = excluded.revision, number = excluded.number, kind = excluded.kind,
            text = excluded.text, reason = excluded.reason,
            spoken_language = excluded.spoken_language, start_ms = excluded.start_ms,
            end_ms = excluded.end_ms
            WHERE excluded.number > captions.number
            """,
            [
                owner.pk, conversation, caption.language, caption.sequence, caption.revision,
                caption.number, caption.kind.rawValue, caption.text.withoutZeroBytes,
                caption.reason?.rawValue, caption.speaker, caption.spokenLanguage,
                caption.startMs, caption.endMs, now.milliseconds,
            ]
        )
    }
}

extension Broadcast {
    /// The number of the conversation of a user's broadcast.
    fileprivate static func conversationPK(
        _ id: BroadcastID,
        of user: Int64,
        _ db: Database
    ) throws -> Int64 {
        let pk = try db.first(
            "SELECT b.conversation_pk FROM \(source) WHERE b.id = ? AND b.user_pk = ?",
            [id.text, user]
        ) { $0.integer() }
        guard let pk else { throw ContextStoreError.notFound(.broadcast) }
        return pk
    }
}

extension NewItem {
    /// What was said, as a message.
    fileprivate init(_ caption: Caption, in session: SessionID) {
        self.init(
            sessionID: session,
            upstreamID: "caption_\(caption.language)_\(caption.sequence)",
            role: .user,
            content: caption.text,
            status: caption.reason == nil ? .completed : .incomplete
        )
    }
}

extension String {
    /// The text with U+FFFD for U+0000, at which SQLite's text ends.
    fileprivate var withoutZeroBytes: String {
        utf8.contains(0) ? String(map { $0 == "\0" ? "\u{FFFD}" : $0 }) : self
    }
}
