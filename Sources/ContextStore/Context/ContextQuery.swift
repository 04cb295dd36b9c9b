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
    /// Whether the model has the `recall` tool.
    public var offersRecall: Bool

    /// Makes a query from its parts.
    public init(
        instructions: String,
        toolTokens: Int,
        maximumTokens: Int,
        recentItems: Int,
        conversation: ConversationID?,
        isLimitedToConversation: Bool,
        offersRecall: Bool
    ) {
        self.instructions = instructions
        self.toolTokens = toolTokens
        self.maximumTokens = maximumTokens
        self.recentItems = recentItems
        self.conversation = conversation
        self.isLimitedToConversation = isLimitedToConversation
        self.offersRecall = offersRecall
    }
}
