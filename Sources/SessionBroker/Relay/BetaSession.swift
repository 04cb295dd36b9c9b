internal import JSON

/// The beta's flat session objects, and today's nested ones (reference, 7.1).
enum BetaSession {
    /// Flat fields and where they are now.
    private static let paths: [(beta: String, path: [String])] = [
        ("input_audio_format", ["audio", "input", "format"]),
        ("input_audio_transcription", ["audio", "input", "transcription"]),
        ("input_audio_noise_reduction", ["audio", "input", "noise_reduction"]),
        ("turn_detection", ["audio", "input", "turn_detection"]),
        ("output_audio_format", ["audio", "output", "format"]),
        ("voice", ["audio", "output", "voice"]),
        ("speed", ["audio", "output", "speed"]),
        ("max_response_output_tokens", ["max_output_tokens"]),
        ("modalities", ["output_modalities"]),
    ]
    /// Fields that are no more.
    private static let gone = ["temperature", "object", "id", "expires_at", "client_secret"]
    private static let formats = [
        ("pcm16", "audio/pcm"), ("g711_ulaw", "audio/pcmu"), ("g711_alaw", "audio/pcma"),
    ]

    // MARK: To today's

    /// A session as upstream takes it; one that has none of the beta's fields stays as it is.
    static func current(_ session: JSONObject, type: String) -> JSONObject {
        guard session["type"] == nil || type == "transcription" || isFlat(session) else {
            return session
        }
        var current = currentOutput(session)
        current["type"] = current["type"] ?? .string(type)
        return current
    }

    /// Fields of a session or a response as upstream takes them.
    static func currentOutput(_ fields: JSONObject) -> JSONObject {
        guard isFlat(fields) else { return fields }
        var current = fields
        for key in gone { current[key] = nil }
        for (beta, path) in paths {
            guard let value = fields[beta] else { continue }
            current[beta] = nil
            current.set(currentValue(beta, value), at: path[...])
        }
        return current
    }

    private static func isFlat(_ fields: JSONObject) -> Bool {
        paths.contains { fields[$0.beta] != nil } || fields["temperature"] != nil
    }

    private static func currentValue(_ key: String, _ value: JSONValue) -> JSONValue {
        switch key {
        case "modalities":
            let isSpoken = value.arrayValue?.contains("audio") == true
            return [isSpoken ? "audio" : "text"]
        case "input_audio_format", "output_audio_format":
            guard let format = formats.first(where: { .string($0.0) == value })?.1 else {
                return value
            }
            return format == "audio/pcm"
                ? ["type": "audio/pcm", "rate": 24_000] : ["type": .string(format)]
        default: return value
        }
    }

    // MARK: To the beta's

    /// A session as the beta showed it.
    static func beta(_ session: JSONObject) -> JSONObject {
        var beta = betaOutput(session)
        beta["type"] = nil
        return beta
    }

    /// Fields of a session or a response as the beta showed them.
    static func betaOutput(_ fields: JSONObject) -> JSONObject {
        var beta = fields
        for (key, path) in paths {
            guard let value = fields.value(at: path[...]) else { continue }
            beta[key] = betaValue(key, value)
        }
        for key in ["audio", "output_modalities", "max_output_tokens"] { beta[key] = nil }
        return beta
    }

    private static func betaValue(_ key: String, _ value: JSONValue) -> JSONValue {
        switch key {
        case "modalities": return value == ["audio"] ? ["audio", "text"] : value
        case "input_audio_format", "output_audio_format":
            let format = formats.first { .string($0.1) == value["type"] }?.0
            return format.map(JSONValue.string) ?? value
        default: return value
        }
    }
}

extension JSONObject {
    fileprivate mutating func set(_ value: JSONValue, at path: ArraySlice<String>) {
        guard let key = path.first else { return }
        guard path.count > 1 else {
            self[key] = value
            return
        }
        var inner = self[key]?.objectValue ?? JSONObject()
        inner.set(value, at: path.dropFirst())
        self[key] = .object(inner)
    }

    fileprivate func value(at path: ArraySlice<String>) -> JSONValue? {
        guard let key = path.first, let value = self[key] else { return nil }
        return path.count == 1 ? value : value.objectValue?.value(at: path.dropFirst())
    }
}
