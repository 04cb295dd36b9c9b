internal import JSON

extension ConversationItem {
    /// Upstream's bound on one text.
    static let textLimit = 256_000

    /// Reads an item that a client wants to add; `makeID` is for one without an id.
    init(_ reader: inout JSONReader, makeID: () -> String) throws(JSONError) {
        guard let type = try reader.string("type") else { throw reader.missing("type") }
        id = try reader.string("id", bytes: 1...512) ?? makeID()
        _ = try reader.string("object")
        // A client's status is accepted, and means nothing: what it adds is complete.
        _ = try reader.string("status")
        status = .completed
        switch type {
        case "message": body = try Self.message(&reader)
        case "function_call":
            body = .functionCall(
                name: try Self.required("name", &reader),
                callID: try Self.required("call_id", &reader),
                arguments: try Self.required("arguments", &reader)
            )
        case "function_call_output":
            body = .functionCallOutput(
                callID: try Self.required("call_id", &reader),
                output: try Self.required("output", &reader)
            )
        default:
            throw reader.error(
                "invalid_value",
                "Invalid value: '\(type)'. Supported values are: 'message', 'function_call', "
                    + "and 'function_call_output'.",
                "type"
            )
        }
        try reader.finish()
    }

    private static func message(_ reader: inout JSONReader) throws(JSONError) -> Body {
        guard let role = try reader.choice("role", Role.self) else { throw reader.missing("role") }
        guard let parts = try reader.array("content") else { throw reader.missing("content") }
        let phase = try reader.string("phase")
        var content: [Content] = []
        for (index, part) in parts.enumerated() {
            var partReader = try JSONReader(of: part, path: reader.param("content[\(index)]"))
            content.append(try Content(&partReader, role: role))
            try partReader.finish()
        }
        return .message(role, content, phase: phase)
    }

    private static func required(
        _ key: String,
        _ reader: inout JSONReader
    ) throws(JSONError) -> String {
        guard let text = try reader.string(key) else { throw reader.missing(key) }
        try checkLength(text, key, reader)
        return text
    }

    fileprivate static func checkLength(
        _ text: String,
        _ key: String,
        _ reader: JSONReader
    ) throws(JSONError) {
        // Characters are at most as many as bytes, so most texts need no counting.
        guard text.utf8.count > textLimit, text.unicodeScalars.count > textLimit else { return }
        throw reader.error(
            "string_above_max_length",
            "Invalid '\(reader.param(key))': string too long. Expected a string with maximum "
                + "length \(textLimit), but got a string with length "
                + "\(text.unicodeScalars.count) instead.",
            key
        )
    }
}

extension ConversationItem.Content {
    init(_ reader: inout JSONReader, role: ConversationItem.Role) throws(JSONError) {
        guard let type = try reader.string("type") else { throw reader.missing("type") }
        switch (type, role) {
        case ("input_text", .user), ("input_text", .system):
            self = .inputText(try Self.text(&reader))
        case ("output_text", .assistant):
            self = .outputText(try Self.text(&reader))
        case ("input_audio", .user):
            guard let audio = try reader.string("audio") else { throw reader.missing("audio") }
            guard let bytes = Base64.decode(audio) else {
                throw reader.error("invalid_value", "Invalid Base64 audio.", "audio")
            }
            let duration = bytes.count / AudioFormat.pcm.bytesPerMs
            self = .inputAudio(
                ConversationItem.RecordedAudio(bytes: bytes, durationMs: duration),
                transcript: try reader.string("transcript")
            )
        case ("input_image", .user):
            guard try reader.string("image_url") != nil else { throw reader.missing("image_url") }
            _ = try reader.string("detail")
            self = .inputImage
        default:
            throw reader.error(
                "invalid_value",
                "Invalid value: '\(type)' for a message of role '\(role.rawValue)'.",
                "type"
            )
        }
    }

    private static func text(_ reader: inout JSONReader) throws(JSONError) -> String {
        guard let text = try reader.string("text") else { throw reader.missing("text") }
        try ConversationItem.checkLength(text, "text", reader)
        return text
    }
}
