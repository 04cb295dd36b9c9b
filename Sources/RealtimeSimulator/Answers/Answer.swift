internal import JSON

/// What a response will say or do.
enum Answer: Sendable, Equatable {
    case text(String)
    case functionCall(name: String, arguments: String)
    /// Nothing: it fails with this error.
    case failure(JSONObject)

    /// What is streamed: the words, or the arguments.
    var text: String {
        switch self {
        case .text(let text), .functionCall(_, let text): text
        case .failure: ""
        }
    }
}

extension Answer {
    /// What a script says.
    init(_ scripted: SocketScenario.ScriptedAnswer) {
        self =
            switch scripted {
            case .text(let text): .text(text)
            case .failure(let error): .failure(error)
            }
    }
}
