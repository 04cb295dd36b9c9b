internal import GRDB

extension UserStore {
    /// The memory block of the user, or of one of their conversations.
    ///
    /// Reads the prepared one; makes it, and keeps it for the next time, when something changed
    /// since it was prepared.
    func memoryBlock(of conversation: ConversationID? = nil) async throws -> MemoryBlock {
        let scope = try await read { db, user in
            MemoryScope(
                user: user,
                conversation: try conversation.map {
                    try Conversation.existingPK($0, of: user, db)
                } ?? 0
            )
        }
        return try await store.memoryBlock(scope)
    }
}

extension ContextStore {
    /// A block and what it was made of.
    private struct Prepared: Sendable {
        var block: MemoryBlock
        var revision: Int64
        var isNew: Bool
    }

    /// The prepared block, made anew where it is outdated.
    @discardableResult
    func memoryBlock(_ scope: MemoryScope) async throws -> MemoryBlock {
        let prepared = try await read { db in try Self.prepared(scope, db) }
        if prepared.isNew {
            let stored = prepared.block.stored
            // It only saves time: when it cannot be kept, it is made again.
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
                        scope.user, scope.conversation, prepared.revision, MemoryBlock.version,
                        stored,
                    ]
                )
            }
        }
        return prepared.block
    }

    private static func prepared(_ scope: MemoryScope, _ db: Database) throws -> Prepared {
        let revision = try db.first(
            "SELECT revision FROM memory_users WHERE user_pk = ?",
            [scope.user]
        ) { $0.integer() }
        guard let revision else {
            let nothing = MemoryBlock(facts: [], summaries: [], ranking: [], isPartial: false)
            return Prepared(block: nothing, revision: 0, isNew: false)
        }
        let stored = try db.first(
            """
            SELECT ranking FROM memory_blocks
            WHERE user_pk = ? AND conversation_pk = ? AND revision = ? AND version = ?
            """,
            [scope.user, scope.conversation, revision, MemoryBlock.version]
        ) { $0.text() }
        if let block = stored.flatMap(MemoryBlock.init(stored:)) {
            return Prepared(block: block, revision: revision, isNew: false)
        }
        return Prepared(block: try MemoryBlock(scope, db), revision: revision, isNew: true)
    }
}
