internal import ContextStore

/// Where a call of a tool comes from.
struct ToolCallOrigin: Sendable, Equatable {
    let session: SessionID
    let conversation: ConversationID
    let user: UserID
    let agent: AgentID?
}
