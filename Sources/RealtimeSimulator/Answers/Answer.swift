internal import JSON

/// One thing that a response says or does; each becomes an output item.
enum Answer: Sendable, Equatable {
    case text(String)
    /// What models that reason say while they work.
    case commentary(String)
    case functionCall(name: String, arguments: String)
    case mcpCall(MCPCall)
    /// Nothing: the response fails with this error.
    case failure(JSONObject)

    /// What is streamed: the words, or the arguments.
    var text: String {
        switch self {
        case .text(let text), .commentary(let text), .functionCall(_, let text): text
        case .mcpCall(let call): call.arguments
        case .failure: ""
        }
    }

    var isSpoken: Bool {
        switch self {
        case .text, .commentary: true
        case .functionCall, .mcpCall, .failure: false
        }
    }

    /// How models that reason mark what they say.
    var phase: String? {
        switch self {
        case .text: "final_answer"
        case .commentary: "commentary"
        case .functionCall, .mcpCall, .failure: nil
        }
    }
}

/// A tool of an MCP server that the model calls by itself; here a script says what comes of it.
struct MCPCall: Sendable, Equatable {
    let serverLabel: String
    let name: String
    let arguments: String
    /// What the tool gave back; nil when it failed.
    let output: String?
    let error: JSONValue
}
