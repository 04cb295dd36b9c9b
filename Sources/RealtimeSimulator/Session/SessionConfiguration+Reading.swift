internal import JSON

extension SessionConfiguration {
    /// Applies the members that are there; throws before anything is changed for good.
    mutating func update(_ object: JSONObject, path: String = "session") throws(JSONError) {
        var changed = self
        var reader = JSONReader(object, path: path)
        guard let type = try reader.string("type") else { throw reader.missing("type") }
        guard let kind = Kind(rawValue: type) else {
            throw reader.error("invalid_value", "Invalid value: '\(type)'.", "type")
        }
        guard kind == self.kind else {
            throw reader.error(
                "invalid_value",
                "Passing a \(kind.rawValue) session update event to a \(self.kind.rawValue) "
                    + "session is not allowed.",
                "type"
            )
        }
        if kind == .realtime { try changed.readRealtime(&reader) }
        if let include = reader.value("include") { changed.include = include }
        if var audio = try reader.reader("audio") {
            if var input = try audio.reader("input") {
                try changed.readInput(&input)
                try changed.checkTurnDetection(input)
            }
            if kind == .realtime, var output = try audio.reader("output") {
                try changed.readOutput(&output)
            }
            try audio.finish()
        }
        try reader.finish()
        self = changed
    }

    private mutating func readRealtime(_ reader: inout JSONReader) throws(JSONError) {
        if let name = try reader.string("model"), name != model.name {
            throw reader.error("invalid_value", "A session's model cannot be changed.", "model")
        }
        if let modality = try Self.modality(&reader) { self.modality = modality }
        if let text = try reader.string("instructions") {
            // Seen on the wire: an empty text brings the default back.
            instructions = text.isEmpty ? Self.defaultInstructions : text
        }
        if let tools = try reader.array("tools") {
            self.tools = try Tool.list(tools, path: reader.param("tools"))
        }
        if let choice = try Self.toolChoice(&reader) { toolChoice = choice }
        if reader.has("max_output_tokens") {
            maxOutputTokens = try Self.maxOutputTokens(&reader)
        }
        if reader.has("tracing") { tracing = reader.value("tracing") ?? .null }
        if let truncation = reader.value("truncation") { self.truncation = truncation }
        if reader.has("prompt") {
            prompt = try reader.object("prompt").map(JSONValue.object) ?? .null
        }
        if let reasoning = try Self.reasoning(&reader) { self.reasoning = reasoning }
        // Accepted, and never echoed.
        _ = try reader.bool("parallel_tool_calls")
    }

    private mutating func readInput(_ reader: inout JSONReader) throws(JSONError) {
        if var format = try reader.reader("format") { inputFormat = try AudioFormat(&format) }
        if reader.has("transcription") {
            transcription = try Self.transcription(&reader)
        }
        if reader.has("noise_reduction") { noiseReduction = try Self.noiseReduction(&reader) }
        if reader.has("turn_detection") {
            guard var detection = try reader.reader("turn_detection") else {
                turnDetection = nil
                return try reader.finish()
            }
            turnDetection = try TurnDetection(
                &detection,
                over: turnDetection,
                silenceDurationMs: kind == .transcription ? 200 : model.defaultSilenceMs
            )
        }
        try reader.finish()
    }

    /// One model finds no turns in sessions that only transcribe, so that the client commits them.
    private func checkTurnDetection(_ reader: JSONReader) throws(JSONError) {
        guard kind == .transcription, turnDetection != nil,
            transcription?["model"]?.stringValue == "gpt-realtime-whisper"
        else { return }
        throw reader.error(
            "invalid_value",
            "'turn_detection' must be null for gpt-realtime-whisper.",
            "turn_detection"
        )
    }

    private mutating func readOutput(_ reader: inout JSONReader) throws(JSONError) {
        if var format = try reader.reader("format") { outputFormat = try AudioFormat(&format) }
        if let voice = try Self.voice(&reader) { self.voice = voice }
        if let speed = try reader.double("speed") {
            guard (0.25...1.5).contains(speed) else {
                throw reader.error("invalid_value", "'speed' must be 0.25 to 1.5.", "speed")
            }
            self.speed = speed
        }
        try reader.finish()
    }
}

// What a session and a single response read alike.
extension SessionConfiguration {
    static func modality(_ reader: inout JSONReader) throws(JSONError) -> Modality? {
        guard let values = try reader.array("output_modalities") else { return nil }
        guard values.count == 1, let modality = values[0].stringValue.flatMap(Modality.init) else {
            throw reader.error(
                "invalid_value",
                "Invalid modalities: expected ['audio'] or ['text'].",
                "output_modalities"
            )
        }
        return modality
    }

    static func maxOutputTokens(_ reader: inout JSONReader) throws(JSONError) -> Int? {
        if reader.value("max_output_tokens")?.stringValue == "inf" { return nil }
        return try reader.integer("max_output_tokens", in: 1...4_096).map(Int.init)
    }

    static func toolChoice(_ reader: inout JSONReader) throws(JSONError) -> JSONValue? {
        guard let choice = reader.value("tool_choice") else { return nil }
        let isKnown =
            choice.objectValue != nil
            || ["none", "auto", "required"].contains(choice.stringValue)
        guard isKnown else {
            throw reader.error("invalid_value", "Invalid value for 'tool_choice'.", "tool_choice")
        }
        return choice
    }

    static func voice(_ reader: inout JSONReader) throws(JSONError) -> JSONValue? {
        guard let voice = reader.value("voice") else { return nil }
        guard voice.stringValue != nil || voice["id"]?.stringValue != nil else {
            throw reader.error("invalid_type", "Invalid type for 'voice'.", "voice")
        }
        return voice
    }

    static func reasoning(_ reader: inout JSONReader) throws(JSONError) -> JSONObject? {
        guard var effort = try reader.reader("reasoning") else { return nil }
        let levels = ["none", "minimal", "low", "medium", "high", "xhigh"]
        let level = try effort.string("effort")
        guard level.map(levels.contains) ?? true else {
            throw effort.error("invalid_value", "Invalid reasoning effort.", "effort")
        }
        try effort.finish()
        return ["effort": .optional(level)]
    }

    private static func transcription(_ reader: inout JSONReader) throws(JSONError) -> JSONObject? {
        guard var options = try reader.reader("transcription") else { return nil }
        let model = try options.string("model")
        var echo: JSONObject = [
            "model": .optional(model),
            "language": .optional(try options.string("language")),
            "prompt": .optional(try options.string("prompt")),
        ]
        let languages = try options.array("languages")
        if languages != nil || model == "gpt-live-transcribe" || model == "gpt-transcribe" {
            echo["languages"] = languages.map(JSONValue.array) ?? .null
        }
        if let keywords = try options.array("keywords") { echo["keywords"] = .array(keywords) }
        if let delay = try options.string("delay") { echo["delay"] = .string(delay) }
        try options.finish()
        return echo
    }

    private static func noiseReduction(_ reader: inout JSONReader) throws(JSONError) -> JSONValue {
        guard var options = try reader.reader("noise_reduction") else { return .null }
        let type = try options.string("type")
        guard type == "near_field" || type == "far_field" else {
            throw options.error("invalid_value", "Invalid value for 'type'.", "type")
        }
        var echo: JSONObject = ["type": .optional(type)]
        if let strength = try options.double("strength") { echo["strength"] = .number(strength) }
        try options.finish()
        return .object(echo)
    }
}
