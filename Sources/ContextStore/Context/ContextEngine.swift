internal import TextAnalysis

/// Gives a new session a prompt that carries what earlier ones said.
///
/// What it reads is bounded, however long the history is: a prepared block and the last turns.
public struct ContextEngine: Sendable {
    private let indexer: MemoryIndexer
    private let patience: Duration

    /// Makes an engine on what an indexer keeps up to date.
    ///
    /// - Parameters:
    ///   - indexer: Indexes what was said a moment ago, when a prompt needs it.
    ///   - patience: How long a prompt waits for that; beyond, only the last turns tell of it.
    public init(indexer: MemoryIndexer, patience: Duration = .milliseconds(250)) {
        self.indexer = indexer
        self.patience = patience
    }

    /// The prompt for a new session of the store's user.
    ///
    /// - Throws: ``ContextStoreError`` when the store cannot be read.
    public func prompt(_ query: ContextQuery, of store: UserStore) async throws -> Prompt {
        try await PromptBuilder(maximumTokens: query.maximumTokens).build(
            instructions: query.instructions,
            toolTokens: query.toolTokens,
            notes: notes(query, store)
        )
    }

    private func notes(_ query: ContextQuery, _ store: UserStore) async throws -> MemoryNotes {
        guard query.maximumTokens > 0 else { return MemoryNotes() }
        if query.isLimitedToConversation, query.conversation == nil { return MemoryNotes() }
        let (block, turns) = try await recollection(query, store)
        let quoted = Set(turns.map(\.pk))
        return MemoryNotes(
            facts: block.facts,
            summaries: block.summaries,
            history: block.ranking.filter { !quoted.contains($0.item) },
            isPartial: block.isPartial,
            turns: turns.map { .init(date: $0.saidAt, role: $0.role, text: $0.content) },
            offersRecall: query.offersRecall
        )
    }

    private func recollection(
        _ query: ContextQuery,
        _ store: UserStore
    ) async throws -> (MemoryBlock, [Turn]) {
        func read(evenIfBehind: Bool) async throws -> Recollection? {
            try await store.recollection(
                of: query.isLimitedToConversation ? query.conversation : nil,
                carryingOn: query.conversation,
                turns: query.recentItems,
                evenIfBehind: evenIfBehind
            )
        }
        var found = try await read(evenIfBehind: false)
        if found == nil {
            try await indexer.catchUp(within: patience)
            found = try await read(evenIfBehind: true)
        }
        return found.map { ($0.block, $0.turns) } ?? (.empty, [])
    }
}
