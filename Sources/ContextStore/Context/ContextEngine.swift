/// What a new session's prompt is made for.
public struct ContextQuery: Sendable {
    /// The caller's own instructions.
    public var instructions: String
    /// What the session's tools take of the model's context.
    public var toolTokens: Int
    /// The budget of the memory block; 0 for none.
    public var maximumTokens: Int
    /// How many of the last turns are quoted word for word, at most.
    public var recentItems: Int
    /// The conversation that the session carries on, if any.
    public var conversation: ConversationID?
    /// Whether only that conversation counts, not all of the user's.
    public var isLimitedToConversation: Bool

    /// Makes a query from its parts.
    public init(
        instructions: String,
        toolTokens: Int,
        maximumTokens: Int,
        recentItems: Int,
        conversation: ConversationID?,
        isLimitedToConversation: Bool
    ) {
        self.instructions = instructions
        self.toolTokens = toolTokens
        self.maximumTokens = maximumTokens
        self.recentItems = recentItems
        self.conversation = conversation
        self.isLimitedToConversation = isLimitedToConversation
    }
}

/// Gives a new session a prompt that carries what earlier ones said.
///
/// What it reads is bounded, however long the history is: the last turns and the newest summaries.
public struct ContextEngine: Sendable {
    /// More summaries than this do not fit the largest budget.
    private static let maximumSummaries = 64
    /// The last turns are looked at for what no summary covers yet, even when few are quoted.
    private static let minimumItems = 8

    private let keeper: SummaryKeeper

    /// Makes an engine on the summaries that a keeper keeps up to date.
    public init(keeper: SummaryKeeper) {
        self.keeper = keeper
    }

    /// The prompt for a new session of the store's user.
    ///
    /// - Throws: ``ContextStoreError`` when the store cannot be read.
    public func prompt(
        _ query: ContextQuery,
        of store: UserStore
    ) async throws -> PromptBuilder.Prompt {
        let builder = PromptBuilder(maximumTokens: query.maximumTokens)
        let notes = try await notes(query, store)
        return builder.build(
            instructions: query.instructions,
            toolTokens: query.toolTokens,
            notes: notes
        )
    }

    private func notes(_ query: ContextQuery, _ store: UserStore) async throws -> MemoryNotes {
        guard query.maximumTokens > 0 else { return MemoryNotes() }
        if query.isLimitedToConversation, query.conversation == nil { return MemoryNotes() }
        let scope = query.isLimitedToConversation ? query.conversation : nil
        let items = try await latestItems(max(query.recentItems, Self.minimumItems), scope, store)
        guard !items.isEmpty else { return MemoryNotes() }
        var summaries = try await store.latestSummaries(of: scope, limit: Self.maximumSummaries)
        if try await keeper.refresh(items, knowing: summaries, of: store) {
            summaries = try await store.latestSummaries(of: scope, limit: Self.maximumSummaries)
        }
        return MemoryNotes(
            summaries: summaries.reversed().map { .init(date: $0.saidAt, text: $0.text) },
            turns: items.suffix(query.recentItems).filter { !$0.content.isEmpty }.map {
                .init(date: $0.createdAt, role: $0.role, text: $0.content)
            }
        )
    }

    private func latestItems(
        _ limit: Int,
        _ scope: ConversationID?,
        _ store: UserStore
    ) async throws -> [Item] {
        guard let scope else { return try await store.latestItems(limit: limit).map(\.item) }
        return try await store.latestItems(of: scope, limit: limit).map(\.item)
    }
}
