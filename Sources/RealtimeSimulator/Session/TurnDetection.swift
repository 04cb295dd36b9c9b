internal import JSON

/// When the simulator thinks that the user began and stopped speaking.
struct TurnDetection: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        case serverVAD = "server_vad"
        case semanticVAD = "semantic_vad"
    }

    enum Eagerness: String, Sendable, CaseIterable {
        case low, medium, high, auto
    }

    var kind = Kind.serverVAD
    var threshold = 0.5
    var prefixPaddingMs = 300
    var silenceDurationMs: Int
    var idleTimeoutMs: Int?
    var eagerness = Eagerness.auto
    var createsResponse = true
    var interruptsResponse = true

    /// The silence that ends a turn.
    ///
    /// Semantic detection understands what was said, which a
    /// simulator cannot; so its eagerness chooses a silence well within upstream's longest waits.
    var endOfTurnMs: Int {
        guard kind == .semanticVAD else { return silenceDurationMs }
        return switch eagerness {
        case .low: 2_000
        case .medium, .auto: 1_000
        case .high: 500
        }
    }

    init(silenceDurationMs: Int) {
        self.silenceDurationMs = silenceDurationMs
    }

    /// Reads an update over what was set: members that are absent keep their value within one kind.
    init(
        _ reader: inout JSONReader,
        over current: TurnDetection?,
        silenceDurationMs: Int
    ) throws(JSONError) {
        let kind = try reader.choice("type", Kind.self) ?? current?.kind ?? .serverVAD
        self =
            if let current, current.kind == kind { current } else {
                TurnDetection(silenceDurationMs: silenceDurationMs)
            }
        self.kind = kind
        createsResponse = try reader.bool("create_response") ?? createsResponse
        interruptsResponse = try reader.bool("interrupt_response") ?? interruptsResponse
        switch kind {
        case .semanticVAD: eagerness = try reader.choice("eagerness") ?? eagerness
        case .serverVAD: try readServerVAD(&reader)
        }
        try reader.finish()
    }

    private mutating func readServerVAD(_ reader: inout JSONReader) throws(JSONError) {
        if let value = try reader.double("threshold") {
            guard (0...1).contains(value) else {
                throw reader.error(
                    value < 0 ? "decimal_below_min_value" : "decimal_above_max_value",
                    "Invalid '\(reader.param("threshold"))': expected 0 to 1.",
                    "threshold"
                )
            }
            threshold = value
        }
        prefixPaddingMs =
            try reader.integer("prefix_padding_ms", in: 0...60_000).map(Int.init) ?? prefixPaddingMs
        silenceDurationMs =
            try reader.integer("silence_duration_ms", in: 0...60_000).map(Int.init)
            ?? silenceDurationMs
        if reader.has("idle_timeout_ms") {
            idleTimeoutMs = try reader.integer("idle_timeout_ms", in: 5_000...30_000).map(Int.init)
        }
    }

    /// The echo; transcription sessions leave out what they have no use for.
    func json(forTranscription: Bool) -> JSONValue {
        guard kind == .serverVAD else {
            return [
                "type": "semantic_vad", "eagerness": .string(eagerness.rawValue),
                "create_response": .bool(createsResponse),
                "interrupt_response": .bool(interruptsResponse),
            ]
        }
        var object: JSONObject = [
            "type": "server_vad", "threshold": .number(threshold),
            "prefix_padding_ms": .integer(Int64(prefixPaddingMs)),
            "silence_duration_ms": .integer(Int64(silenceDurationMs)),
        ]
        guard !forTranscription else { return .object(object) }
        object["idle_timeout_ms"] = .optional(idleTimeoutMs.map(Int64.init))
        object["create_response"] = .bool(createsResponse)
        object["interrupt_response"] = .bool(interruptsResponse)
        return .object(object)
    }
}
