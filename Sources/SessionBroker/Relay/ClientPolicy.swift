internal import JSON

/// What a client of a relay may say (api.md, 5): a browser never chooses what only the owner may.
struct ClientPolicy: Sendable {
    /// What becomes of an event.
    enum Verdict: Equatable {
        /// It goes upstream as it is.
        case forward
        /// This goes upstream instead; the fields named were left out.
        case replace(JSONObject, leftOut: [String])
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
        type == "session.update" || type == "response.create" && !isTrusted
    }

    /// Decides on an event that is concerned.
    func verdict(on event: JSONObject) -> Verdict {
        if event["type"] == "response.create" { return response(event) }
        guard let session = event["session"]?.objectValue else { return .forward }
        return isTrusted ? completed(event, session) : filtered(event, session)
    }

    /// A trusted client's own instructions and tools keep what the broker adds to them.
    private func completed(_ event: JSONObject, _ session: JSONObject) -> Verdict {
        var completed = session
        if !memory.isEmpty, let instructions = session["instructions"]?.stringValue {
            completed["instructions"] = .string(
                instructions.isEmpty ? memory : instructions + "\n\n" + memory
            )
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

    /// What a session's owner says to the model, a response may say only if the session may.
    private static let owners = ["instructions", "tools", "tool_choice", "prompt", "model"]

    private func response(_ event: JSONObject) -> Verdict {
        guard var response = event["response"]?.objectValue else { return .forward }
        let leftOut = Self.owners.filter { response[$0] != nil && !allowedFields.contains($0) }
        guard !leftOut.isEmpty else { return .forward }
        for field in leftOut { response[field] = nil }
        return .replace(
            event.setting("response", .object(response)),
            leftOut: leftOut.map { "response.\($0)" }
        )
    }

    private func filtered(_ event: JSONObject, _ session: JSONObject) -> Verdict {
        var leftOut: [String] = []
        let kept = filtered(session, below: "", &leftOut)
        return leftOut.isEmpty
            ? .forward : .replace(event.setting("session", .object(kept)), leftOut: leftOut)
    }

    /// What is allowed of an object; `type` says only what kind of session it is.
    private func filtered(
        _ object: JSONObject,
        below path: String,
        _ leftOut: inout [String]
    ) -> JSONObject {
        var kept = JSONObject()
        for (name, value) in object.members {
            let field = path + name
            if field == "type" || allowedFields.contains(field) {
                kept[name] = value
            } else if let inner = value.objectValue,
                allowedFields.contains(where: { $0.hasPrefix(field + ".") })
            {
                let part = filtered(inner, below: field + ".", &leftOut)
                if !part.isEmpty { kept[name] = .object(part) }
            } else {
                leftOut.append("session.\(field)")
            }
        }
        return kept
    }
}
