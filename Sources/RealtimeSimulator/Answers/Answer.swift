/// What a response will say or do.
enum Answer: Sendable, Equatable {
    case text(String)
    case functionCall(name: String, arguments: String)

    /// What is streamed: the words, or the arguments.
    var text: String {
        switch self {
        case .text(let text), .functionCall(_, let text): text
        }
    }
}
