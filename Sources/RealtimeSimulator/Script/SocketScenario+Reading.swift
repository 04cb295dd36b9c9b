internal import JSON

extension SocketScenario {
    init(_ reader: inout JSONReader, ofCall isCall: Bool) throws(JSONError) {
        end = try End(&reader)
        let stallBegin = try reader.integer("stall_after_events", in: 1...1_000_000_000)
        if let duration = try reader.integer("stall_ms", in: 1...3_600_000) {
            stall = Stall(afterEvents: Int(stallBegin ?? 1), durationMs: Int(duration))
        } else if stallBegin != nil {
            throw reader.missing("stall_ms")
        }
        if isCall { try readCall(&reader) } else { try readAudience(&reader) }
        expireAfterSeconds = try reader.double("expire_after_seconds").map { max(0, $0) }
        for (index, value) in (try reader.array("transcriptions") ?? []).enumerated() {
            var entry = try JSONReader(of: value, path: reader.param("transcriptions[\(index)]"))
            transcriptions.append(try ScriptedTranscription(&entry))
        }
        for (index, value) in (try reader.array("answers") ?? []).enumerated() {
            answers.append(try ScriptedAnswer(value, path: reader.param("answers[\(index)]")))
        }
        for (label, tools) in try reader.object("mcp_tools")?.members ?? [] {
            guard let list = tools.arrayValue else {
                throw reader.error("invalid_type", "A server has a list of tools.", "mcp_tools")
            }
            mcpTools[label] = list
        }
        if var limits = try reader.reader("rate_limits") {
            var values = JSONObject()
            values["limit"] = try limits.integer("limit").map(JSONValue.integer)
            values["remaining"] = try limits.integer("remaining").map(JSONValue.integer)
            values["reset_seconds"] = try limits.double("reset_seconds").map(JSONValue.number)
            try limits.finish()
            rateLimits = values
        }
        try reader.finish()
    }

    private mutating func readAudience(_ reader: inout JSONReader) throws(JSONError) {
        audience.kind = try reader.choice("type", SessionKind.self)
        audience.language = try reader.string("language")
        translationDelayMs = Int(try reader.integer("delay_ms", in: 0...600_000) ?? 0)
    }

    private mutating func readCall(_ reader: inout JSONReader) throws(JSONError) {
        hangsUpAfterEvents =
            try reader.integer("hang_up_after_events", in: 1...1_000_000_000).map(Int.init)
        for (index, value) in (try reader.array("sidebands") ?? []).enumerated() {
            let path = reader.param("sidebands[\(index)]")
            var entry = try JSONReader(of: value, path: path)
            guard let end = try SocketScenario.End(&entry) else {
                throw entry.missing("drop_after_events")
            }
            try entry.finish()
            sidebandEnds.append(end)
        }
    }
}

extension SocketScenario.End {
    /// Nil when nothing is to end.
    fileprivate init?(_ reader: inout JSONReader) throws(JSONError) {
        let events = try reader.integer("drop_after_events", in: 1...1_000_000_000)
        var close: Close?
        if var frame = try reader.reader("close") {
            close = Close(
                code: UInt16(try frame.integer("code", in: 1_000...4_999) ?? 1_011),
                reason: try frame.string("reason", bytes: 0...123) ?? ""
            )
            try frame.finish()
        }
        var told: JSONObject?
        if var error = try reader.reader("error") {
            told = try Self.event(&error)
        }
        guard let events else {
            guard close == nil, told == nil else { throw reader.missing("drop_after_events") }
            return nil
        }
        self.init(afterEvents: Int(events), close: close, error: told)
    }

    /// An `error` event of a script.
    private static func event(_ error: inout JSONReader) throws(JSONError) -> JSONObject {
        let body: JSONObject = [
            "type": .string(try error.string("type") ?? "server_error"),
            "code": .optional(try error.string("code")),
            "message": .string(try error.string("message") ?? "The session has failed."),
            "param": .null, "event_id": .null,
        ]
        try error.finish()
        return ["type": "error", "event_id": "event_scripted", "error": .object(body)]
    }
}

extension SocketScenario.ScriptedTranscription {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        if let text = try reader.string("text") {
            self.text = text
            isFromScript = true
        }
        delayMs = try reader.integer("delay_ms", in: 0...600_000).map(Int.init)
        isDuplicated = try reader.bool("duplicate") ?? false
        isHeldBack = try reader.bool("after_next_turn") ?? false
        if var error = try reader.reader("error") {
            failure = [
                "type": .string(try error.string("type") ?? "transcription_error"),
                "code": .optional(try error.string("code")),
                "message": .string(try error.string("message") ?? "The transcription failed."),
                "param": .null,
            ]
            try error.finish()
        }
        try reader.finish()
    }
}
