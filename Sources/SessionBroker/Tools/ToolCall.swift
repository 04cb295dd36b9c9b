/// A call of a tool that the broker answers.
struct ToolCall: Sendable, Equatable {
    /// What ties the answer to the call; also what makes repeated deliveries recognisable.
    let id: String
    /// The tool.
    let name: String
    /// The arguments as the model wrote them: JSON, if it did well.
    let arguments: String
}
