internal import JSON

// What clients send.

extension RealtimeSession {
    mutating func handle(_ message: [UInt8]) throws(JSONError) {
        var reader = try Self.event(message)
        if let id = try reader.string("event_id") {
            clientEventID = String(id.prefix(512))
            guard id.unicodeScalars.count <= 512 else {
                throw reader.error(
                    "string_above_max_length",
                    "Invalid 'event_id': expected at most 512 characters.",
                    "event_id"
                )
            }
        }
        guard let type = try reader.string("type") else {
            throw JSONError(code: "invalid_event", message: "An event needs a 'type'.")
        }
        try handle(type, &reader)
    }

    private static func event(_ message: [UInt8]) throws(JSONError) -> JSONReader {
        let value = try JSONValue(parsing: message)
        guard let object = value.objectValue else {
            throw JSONError(code: "invalid_event", message: "An event must be a JSON object.")
        }
        return JSONReader(object)
    }

    private mutating func handle(
        _ type: String,
        _ reader: inout JSONReader
    ) throws(JSONError) {
        switch type {
        case "session.update": try updateSession(&reader)
        case "input_audio_buffer.append": try appendAudio(&reader)
        case "input_audio_buffer.commit": try commitAudio(&reader)
        case "input_audio_buffer.clear": try clearAudio(&reader)
        case "conversation.item.create": try createItem(&reader)
        case "conversation.item.retrieve": try retrieveItem(&reader)
        case "conversation.item.truncate": try truncateItem(&reader)
        case "conversation.item.delete": try deleteItem(&reader)
        case "response.create": try createResponse(&reader)
        case "response.cancel": try cancelResponse(&reader)
        case "output_audio_buffer.clear" where isCall: try clearOutputAudio(&reader)
        default:
            let types = Self.eventTypes + (isCall ? ["output_audio_buffer.clear"] : [])
            let known = types.map { "'\($0)'" }.joined(separator: ", ")
            throw reader.error(
                "invalid_value",
                "Invalid value: '\(type)'. Supported values are: \(known).",
                "type"
            )
        }
    }

    static let eventTypes = [
        "session.update", "input_audio_buffer.append", "input_audio_buffer.commit",
        "input_audio_buffer.clear", "conversation.item.create", "conversation.item.truncate",
        "conversation.item.delete", "conversation.item.retrieve", "response.create",
        "response.cancel",
    ]

    private mutating func updateSession(_ reader: inout JSONReader) throws(JSONError) {
        guard let object = try reader.object("session") else { throw reader.missing("session") }
        try reader.finish()
        var updated = configuration
        try updated.update(object)
        guard updated.voice == configuration.voice || !hasSpoken else {
            throw JSONError(
                code: "cannot_update_voice",
                message: "Cannot update a conversation's voice if assistant audio is present."
            )
        }
        configuration = updated
        inputAudio.configure(
            format: isCall ? .pcm : updated.inputFormat,
            detection: updated.turnDetection
        )
        emit("session.updated", [("session", sessionJSON)])
        listTools()
        if !inputAudio.isInSpeech {
            speechItemID = nil
            releaseTruncations()
        }
    }
}
