/// A model's call of a tool.
struct ToolCall: Sendable, Equatable {
    /// Upstream's id of the call, which its output names.
    let id: String
    /// The tool.
    let name: String
    /// The arguments as the model wrote them: JSON, or what it took for it.
    let arguments: String
}
