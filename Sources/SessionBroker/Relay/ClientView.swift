internal import JSON

/// Upstream's events as a client of a relay sees them.
///
/// Browsers see no instructions, servers their own without what was put behind them. Nobody sees the
/// tools that the broker answers, their calls, or the answers: a client would take them for its own.
struct ClientView: Sendable {
    /// What becomes of an event.
    enum Shown: Equatable {
        case asItIs
        case changed(JSONObject)
        case nothing
    }

    /// Whether the client is a server of the owner's.
    let isTrusted: Bool
    /// The names of the tools that the broker answers.
    var brokerTools: Set<String>
    /// What stands behind the instructions; empty for nothing.
    var memory: String
    /// Items that the client does not see, with the one before each that it does see.
    private var hidden: [String: String?] = [:]
    /// The hidden items, oldest first.
    private var hiddenOrder: [String] = []

    /// So many hidden items are remembered.
    private static let maximumHidden = 512

    init(isTrusted: Bool, brokerTools: Set<String>, memory: String) {
        self.isTrusted = isTrusted
        self.brokerTools = brokerTools
        self.memory = memory
    }

    /// Whether events of a type are to be looked at.
    func concerns(_ type: String) -> Bool {
        switch type {
        case "session.created", "session.updated": true
        case "response.output_item.added", "response.output_item.done",
            "conversation.item.added", "conversation.item.done", "conversation.item.deleted",
            "response.function_call_arguments.delta", "response.function_call_arguments.done",
            "response.done", "input_audio_buffer.committed":
            !brokerTools.isEmpty
        default: false
        }
    }

    /// An event as the client gets it.
    mutating func shown(_ type: String, _ event: JSONObject) -> Shown {
        switch type {
        case "session.created", "session.updated": return session(event)
        case "response.done": return response(event)
        default: break
        }
        if let item = event["item"]?.objectValue { noteItem(item, after: event) }
        let id = event["item"]?["id"]?.stringValue ?? event["item_id"]?.stringValue
        if let id, hidden[id] != nil { return .nothing }
        guard let previous = event["previous_item_id"]?.stringValue,
            let visible = hidden[previous]
        else { return .asItIs }
        return .changed(event.setting("previous_item_id", .optional(visible)))
    }

    /// The event that begins a session, as the client gets it.
    func beginning(_ event: JSONObject) -> JSONObject {
        guard case .changed(let shown) = session(event) else { return event }
        return shown
    }

    /// Whether the client does not see an item.
    func hides(_ item: String) -> Bool { hidden[item] != nil }

    /// Hides an item that the broker itself puts into the conversation.
    mutating func hide(_ item: String) {
        hide(item, after: nil)
    }

    private mutating func noteItem(_ item: JSONObject, after event: JSONObject) {
        guard let id = item["id"]?.stringValue else { return }
        let isCall =
            item["type"]?.stringValue == "function_call"
            && brokerTools.contains(item["name"]?.stringValue ?? "")
        guard isCall || hidden[id] != nil else { return }
        hide(id, after: event["previous_item_id"]?.stringValue)
    }

    private mutating func hide(_ id: String, after previous: String?) {
        let visible = previous.flatMap { hidden[$0] ?? $0 }
        if hidden[id] == nil { hiddenOrder.append(id) }
        if hidden[id] == nil || visible != nil { hidden[id] = .some(visible) }
        guard hiddenOrder.count > Self.maximumHidden else { return }
        hidden[hiddenOrder.removeFirst()] = nil
    }

    private func session(_ event: JSONObject) -> Shown {
        guard var session = event["session"]?.objectValue else { return .asItIs }
        if let instructions = session["instructions"]?.stringValue {
            session["instructions"] = .string(
                isTrusted ? SessionConfiguration.own(instructions, before: memory) : ""
            )
        }
        if let tools = session["tools"]?.arrayValue {
            let visible = tools.filter { !brokerTools.contains($0["name"]?.stringValue ?? "") }
            session["tools"] = .array(
                isTrusted ? visible : visible.map(UpstreamSession.withoutSecrets)
            )
        }
        return .changed(event.setting("session", .object(session)))
    }

    private func response(_ event: JSONObject) -> Shown {
        guard var response = event["response"]?.objectValue,
            let output = response["output"]?.arrayValue
        else { return .asItIs }
        let visible = output.filter { hidden[$0["id"]?.stringValue ?? ""] == nil }
        guard visible.count < output.count else { return .asItIs }
        response["output"] = .array(visible)
        return .changed(event.setting("response", .object(response)))
    }
}

extension JSONObject {
    /// The object with one member changed.
    func setting(_ key: String, _ value: JSONValue) -> JSONObject {
        var object = self
        object[key] = value
        return object
    }
}
