internal import GRDB

/// What a prompt needs of a user's past, as it was at one moment.
struct Recollection: Sendable {
    let block: MemoryBlock
    /// The last turns, oldest first.
    let turns: [Turn]
}

extension UserStore {
    /// The prepared memory block and the last turns of the user, or of one of their conversations.
    ///
    /// A block that is outdated is made anew, and kept for the next time.
    ///
    /// - Parameters:
    ///   - conversation: The one that all of it is of; nil for all of the user's.
    ///   - current: The one that is carried on: its turns go before those of others.
    ///   - limit: How many turns at most.
    ///   - evenIfBehind: Whether it may do without what is not indexed yet.
    /// - Returns: Nil when something that was said is not indexed yet, unless that does not matter.
    /// - Throws: ``ContextStoreError`` when a conversation is not this user's, or the store cannot be
    ///   read.
    func recollection(
        of conversation: ConversationID? = nil,
        carryingOn current: ConversationID? = nil,
        turns limit: Int = 0,
        evenIfBehind: Bool = false
    ) async throws -> Recollection? {
        let read = try await read { db, user -> (PreparedBlock, [Turn])? in
            let scope = MemoryScope(
                user: user,
                conversation: try conversation.map {
                    try Conversation.existingPK($0, of: user, db)
                } ?? 0
            )
            if try !evenIfBehind && scope.isBehind(db) { return nil }
            let current = try current.map { try Conversation.existingPK($0, of: user, db) }
            let turns = try Turn.latest(scope, current: current, limit: limit, db)
            return (try PreparedBlock(scope, db), turns)
        }
        guard let (prepared, turns) = read else { return nil }
        if prepared.isNew { await store.keep(prepared) }
        return Recollection(block: prepared.block, turns: turns)
    }
}

extension MemoryScope {
    /// Whether something of the user is not indexed yet.
    fileprivate func isBehind(_ db: Database) throws -> Bool {
        try db.first(
            """
            SELECT EXISTS (SELECT 1 FROM (SELECT item_pk FROM memory_changes LIMIT 2000) r
            JOIN items i ON i.pk = r.item_pk WHERE i.user_pk = ?2)
            OR EXISTS (SELECT 1 FROM (SELECT user_pk FROM items WHERE pk >
            (SELECT CASE version WHEN ?1 THEN item_pk ELSE 0 END FROM memory_progress
            WHERE pk = 1)
            ORDER BY pk LIMIT 2000) WHERE user_pk = ?2)
            """,
            [ContextStore.memoryVersion, user]
        ) { $0.integer() } != 0
    }
}

/// A block, and what it was made of.
private struct PreparedBlock: Sendable {
    let scope: MemoryScope
    let block: MemoryBlock
    let revision: Int64
    /// Whether it was made just now.
    let isNew: Bool

    /// The prepared block of a scope; a new one where that is outdated.
    init(_ scope: MemoryScope, _ db: Database) throws {
        self.scope = scope
        let revision = try db.first(
            "SELECT revision FROM memory_users WHERE user_pk = ?",
            [scope.user]
        ) { $0.integer() }
        self.revision = revision ?? 0
        guard revision != nil else {
            block = .empty
            isNew = false
            return
        }
        let stored = try db.first(
            """
            SELECT ranking FROM memory_blocks
            WHERE user_pk = ? AND conversation_pk = ? AND revision = ? AND version = ?
            """,
            [scope.user, scope.conversation, revision, MemoryBlock.version]
        ) { $0.text() }
        let known = stored.flatMap(MemoryBlock.init(stored:))
        block = try known ?? MemoryBlock(scope, db)
        isNew = known == nil
    }
}

extension ContextStore {
    /// It only saves time: when it cannot be kept, it is made again.
    fileprivate func keep(_ prepared: PreparedBlock) async {
        let stored = prepared.block.stored
        try? await writer.perform(weight: stored.utf8.count) { context in
            try context.db.run(
                """
                INSERT INTO memory_blocks (user_pk, conversation_pk, revision, version, ranking)
                SELECT ?1, ?2, ?3, ?4, ?5
                WHERE EXISTS (SELECT 1 FROM memory_users WHERE user_pk = ?1 AND revision = ?3)
                ON CONFLICT DO UPDATE SET revision = excluded.revision,
                version = excluded.version, ranking = excluded.ranking
                """,
                [
                    prepared.scope.user, prepared.scope.conversation, prepared.revision,
                    MemoryBlock.version, stored,
                ]
            )
        }
    }
}
