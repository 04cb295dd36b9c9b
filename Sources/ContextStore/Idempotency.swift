internal import GRDB

/// Has a creation happen once for all requests that carry the same key.
///
/// The answer is stored in the same transaction as the effect, so "once" holds across a crash.
public struct IdempotencyRecord<Value: Sendable>: Sendable {
    /// The client's key, unique per user.
    public let key: String
    /// A hash of the request: the same key with another request is a conflict.
    public let fingerprint: [UInt8]
    /// Turns what was made into the answer to remember; runs on the writer's queue.
    ///
    /// The store does not look into the bytes: encrypt what must not lie on disk in clear.
    public let answer: @Sendable (Value) throws -> [UInt8]

    /// A record of a request.
    public init(
        key: String,
        fingerprint: [UInt8],
        answer: @escaping @Sendable (Value) throws -> [UInt8]
    ) {
        self.key = key
        self.fingerprint = fingerprint
        self.answer = answer
    }

    /// A record that remembers the same answer of something that this value is made of.
    public func mapped<Other>(
        _ transform: @escaping @Sendable (Other) -> Value
    ) -> IdempotencyRecord<Other> {
        let answer = answer
        return IdempotencyRecord<Other>(key: key, fingerprint: fingerprint) {
            try answer(transform($0))
        }
    }
}

/// What a creation with an idempotency key gives.
public struct IdempotentAnswer<Value: Sendable>: Sendable {
    /// The answer of the request that had the effect; nil when there was no key.
    public let answer: [UInt8]?
    /// What was made; nil when an earlier request made it.
    public let value: Value?

    /// The same of something that is made of the value.
    public func mapped<Other>(_ transform: (Value) -> Other) -> IdempotentAnswer<Other> {
        IdempotentAnswer<Other>(answer: answer, value: value.map(transform))
    }
}

extension UserStore {
    /// The answer that is remembered for a key, for 24 hours; nil when there is none.
    ///
    /// Throws `conflict("idempotency_key_reused")` when the key came with another request.
    public func rememberedAnswer(
        key: String,
        fingerprint: [UInt8]
    ) async throws -> [UInt8]? {
        try await read { db, user in
            try remembered(key, fingerprint, user, db)
        }
    }

    /// Writes in a transaction, unless the key's answer is remembered.
    ///
    /// The answer goes when a message of the conversation, if one is named, is deleted.
    func write<Value: Sendable>(
        weight: Int = 512,
        once record: IdempotencyRecord<Value>?,
        of conversation: ConversationID? = nil,
        _ body: @escaping @Sendable (WriteContext, Owner) throws -> Value
    ) async throws -> IdempotentAnswer<Value> {
        try await write(weight: weight, isCreation: true) { context, owner in
            guard let record else {
                return IdempotentAnswer(answer: nil, value: try body(context, owner))
            }
            let db = context.db
            if let answer = try remembered(record.key, record.fingerprint, owner.pk, db) {
                return IdempotentAnswer(answer: answer, value: nil)
            }
            let value = try body(context, owner)
            let answer = try record.answer(value)
            try remember(answer, record, of: conversation, owner, db)
            return IdempotentAnswer(answer: answer, value: value)
        }
    }

    private func remembered(
        _ key: String,
        _ fingerprint: [UInt8],
        _ user: Int64,
        _ db: Database
    ) throws -> [UInt8]? {
        let row = try db.first(
            """
            SELECT fingerprint, answer FROM idempotency_keys
            WHERE user_pk = ? AND key = ? AND created_at > ?
            """,
            [user, key, oldestKey.milliseconds]
        ) { (fingerprint: $0.bytes(), answer: $0.bytes()) }
        guard let row else { return nil }
        guard row.fingerprint == fingerprint else {
            throw ContextStoreError.conflict(
                code: "idempotency_key_reused",
                message: "This idempotency key was used with another request."
            )
        }
        guard !row.answer.isEmpty else {
            throw ContextStoreError.conflict(
                code: "idempotency_answer_deleted",
                message:
                    "What this key was used for is done, and something of it was deleted since."
            )
        }
        return row.answer
    }

    private func remember<Value>(
        _ answer: [UInt8],
        _ record: IdempotencyRecord<Value>,
        of conversation: ConversationID?,
        _ owner: Owner,
        _ db: Database
    ) throws {
        // Two go for each that comes: expired keys never pile up, and nothing sweeps.
        try db.run(
            """
            DELETE FROM idempotency_keys WHERE pk IN (SELECT pk FROM idempotency_keys
            WHERE created_at <= ? ORDER BY created_at LIMIT 2)
            """,
            [oldestKey.milliseconds]
        )
        try db.run(
            """
            INSERT OR REPLACE INTO idempotency_keys
            (user_pk, key, fingerprint, created_at, answer, conversation_pk)
            VALUES (?, ?, ?, ?, ?, (SELECT pk FROM conversations WHERE id = ?))
            """,
            [
                owner.pk, record.key, record.fingerprint.blob, store.now().milliseconds,
                answer.blob, conversation?.text,
            ]
        )
    }

    /// A key that was used at this moment or before is forgotten.
    private var oldestKey: Timestamp {
        store.now().adding(store.configuration.idempotencyLifetime * -1)
    }
}
