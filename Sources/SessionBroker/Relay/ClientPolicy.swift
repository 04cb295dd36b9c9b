internal import ContextStore
internal import JSON

/// What a client of a relay may say (api.md, 5): a browser never chooses what only the owner may.
struct ClientPolicy: Sendable {
    /// What becomes of an event.
    enum Verdict: Equatable {
        /// It goes upstream as it is.
        case forward
        /// This goes upstream instead; the fields named were left out.
        case replace(JSONObject, leftOut: [String])
        /// It does not go upstream, because of this field.
        case refuse(String)
    }

    /// Fields of the session that browsers may set, as paths with dots.
    let allowedFields: Set<String>
    /// Servers of the owner's may set all.
    let isTrusted: Bool
    /// The tools that the broker answers, as upstream gets them.
    let brokerTools: [JSONValue]
    /// Put behind instructions that a trusted client sets; empty for none.
    var memory: String

    /// Whether events of a type must be decoded to decide.
    func concerns(_ type: String) -> Bool {
        switch type {
        case "session.update": true
        case "response.create", "conversation.item.create": !isTrusted
        default: false
        }
    }

    /// Decides on an event that is concerned.
    func verdict(on event: JSONObject) -> Verdict {
        switch event["type"]?.stringValue {
        case "response.create": return response(event)
        case "conversation.item.create":
            return mayAdd(event["item"]) ? .forward : .refuse("item.role")
        default:
            guard let session = event["session"]?.objectValue else { return .forward }
            return isTrusted ? completed(event, session) : filtered(event, "session", ["type"])
        }
    }

    /// A trusted client's own instructions and tools keep what the broker adds to them.
    private func completed(_ event: JSONObject, _ session: JSONObject) -> Verdict {
        var completed = session
        if !memory.isEmpty, let instructions = session["instructions"]?.stringValue {
            completed["instructions"] = .string(Prompt.instructions(instructions, with: memory))
        }
        if let tools = session["tools"]?.arrayValue, !brokerTools.isEmpty {
            // A tool of the client's takes the place of the broker's of the same name.
            let names = Set(tools.compactMap { $0["name"]?.stringValue })
            let others = brokerTools.filter { !names.contains($0["name"]?.stringValue ?? "") }
            completed["tools"] = .array(tools + others)
        }
        guard completed != session else { return .forward }
        return .replace(event.setting("session", .object(completed)), leftOut: [])
    }

    /// A response says no more to the model than the session may.
    private func response(_ event: JSONObject) -> Verdict {
        let input = event["response"]?["input"]?.arrayValue ?? []
        if let index = input.firstIndex(where: { !mayAdd($0) }) {
            return .refuse("response.input[\(index)].role")
        }
        return filtered(event, "response", ["conversation", "metadata", "input"])
    }

    /// Whether a client may put an item into the conversation: a system message is instructions.
    private func mayAdd(_ item: JSONValue?) -> Bool {
        guard let role = item?["role"]?.stringValue else { return true }
        return ["user", "assistant"].contains(role) || allowedFields.contains("instructions")
    }

    /// What is allowed of a member that is like a session; `free` may be set by anybody.
    private func filtered(_ event: JSONObject, _ name: String, _ free: Set<String>) -> Verdict {
        guard let object = event[name]?.objectValue else { return .forward }
        var leftOut: [String] = []
        let kept = filtered(object, below: "", free, &leftOut)
        return leftOut.isEmpty
            ? .forward
            : .replace(
                event.setting(name, .object(kept)),
                leftOut: leftOut.map { "\(name).\($0)" }
            )
    }

    /// What is allowed of an object.
    private func filtered(
        _ object: JSONObject,
        below path: String,
        _ free: Set<String>,
        _ leftOut: inout [String]
    ) -> JSONObject {
        var kept = JSONObject()
        for (name, value) in object.members {
            let field = path + name
            if free.contains(field) || allowedFields.contains(field) {
                kept[name] = value
            } else if let inner = value.objectValue,
                allowedFields.contains(where: { $0.hasPrefix(field + ".") })
            {
                let part = filtered(inner, below: field + ".", [], &leftOut)
                if !part.isEmpty { kept[name] = .object(part) }
            } else {
                leftOut.append(field)
            }
        }
        return kept
    }
}
