internal import JSON

/// Names and shapes of the beta interface, which upstream removed in May 2026, for clients that were
/// written for it (reference, 2.4 and 7.1).
///
/// What such a client says is understood always; it is spoken back to those who ask for it.
enum BetaDialect {
    /// What becomes of an event of upstream's.
    enum Spoken: Equatable {
        case asItIs
        /// Only its type has another name.
        case renamed(String)
        case changed(JSONObject)
        /// The beta has no such event.
        case nothing
    }

    // MARK: From the client

    /// Whether client events of a type may have another shape.
    static func concernsClient(_ type: String) -> Bool {
        switch type {
        case "session.update", "transcription_session.update", "conversation.item.create",
            "response.create":
            true
        default: false
        }
    }

    /// A client's event as upstream understands it; nil when that is how it is.
    static func forUpstream(_ event: JSONObject) -> JSONObject? {
        var changed = event
        switch event["type"]?.stringValue {
        case "session.update":
            changed.change("session") { BetaSession.current($0, type: "realtime") }
        case "transcription_session.update":
            changed["type"] = "session.update"
            changed.change("session") { BetaSession.current($0, type: "transcription") }
        case "conversation.item.create": changed.change("item", currentItem)
        case "response.create": changed.change("response", currentResponse)
        default: break
        }
        return changed == event ? nil : changed
    }

    private static func currentItem(_ item: JSONObject) -> JSONObject {
        let isAssistants = item["role"] == "assistant"
        return item.changingParts { part in
            guard part["type"] == "text" else { return part }
            return part.setting("type", isAssistants ? "output_text" : "input_text")
        }
    }

    private static func currentResponse(_ response: JSONObject) -> JSONObject {
        var current = BetaSession.currentOutput(response)
        if let input = response["input"]?.arrayValue {
            current["input"] = .array(
                input.map { item in item.objectValue.map { .object(currentItem($0)) } ?? item }
            )
        }
        return current
    }

    // MARK: To the client

    private static let names = [
        "response.output_text.delta": "response.text.delta",
        "response.output_text.done": "response.text.done",
        "response.output_audio.delta": "response.audio.delta",
        "response.output_audio.done": "response.audio.done",
        "response.output_audio_transcript.delta": "response.audio_transcript.delta",
        "response.output_audio_transcript.done": "response.audio_transcript.done",
    ]

    /// How an event of upstream's is told; `parse` reads it where that is needed.
    static func spoken(_ type: String, _ parse: () -> JSONObject?) -> Spoken {
        if let name = names[type] { return .renamed(name) }
        switch type {
        case "conversation.item.done": return .nothing
        case "conversation.item.added", "conversation.item.retrieved",
            "response.output_item.added", "response.output_item.done":
            return changed(parse) { event in
                if type == "conversation.item.added" {
                    event["type"] = "conversation.item.created"
                }
                event.change("item", betaItem)
            }
        case "response.created", "response.done":
            return changed(parse) { $0.change("response", betaResponse) }
        case "session.created", "session.updated":
            return changed(parse) { event in
                if event["session"]?["type"] == "transcription" {
                    event["type"] = .string("transcription_\(type)")
                }
                event.change("session", BetaSession.beta)
            }
        default: return .asItIs
        }
    }

    private static func changed(
        _ parse: () -> JSONObject?,
        _ change: (inout JSONObject) -> Void
    ) -> Spoken {
        guard var event = parse() else { return .asItIs }
        change(&event)
        return .changed(event)
    }

    private static func betaItem(_ item: JSONObject) -> JSONObject {
        var beta = item.changingParts { part in
            switch part["type"] {
            case "output_text": part.setting("type", "text")
            case "output_audio": part.setting("type", "audio")
            default: part
            }
        }
        beta["object"] = "realtime.item"
        return beta
    }

    private static func betaResponse(_ response: JSONObject) -> JSONObject {
        var beta = BetaSession.betaOutput(response)
        if let output = response["output"]?.arrayValue {
            beta["output"] = .array(
                output.map { item in item.objectValue.map { .object(betaItem($0)) } ?? item }
            )
        }
        return beta
    }
}

extension JSONObject {
    /// Changes a member that is an object.
    fileprivate mutating func change(_ key: String, _ body: (JSONObject) -> JSONObject) {
        if let object = self[key]?.objectValue { self[key] = .object(body(object)) }
    }

    /// The object with each part of its content changed.
    fileprivate func changingParts(_ body: (JSONObject) -> JSONObject) -> JSONObject {
        guard let parts = self["content"]?.arrayValue else { return self }
        let changed = parts.map { part in part.objectValue.map { .object(body($0)) } ?? part }
        return setting("content", .array(changed))
    }
}
