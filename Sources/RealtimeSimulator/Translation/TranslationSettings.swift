internal import JSON

/// The settings of a translation session.
///
/// https://platform.openai.com/docs/guides/realtime-translation
struct TranslationSettings: Sendable, Equatable {
    /// Upstream's one model for this.
    static let model = "gpt-realtime-translate"

    let model: String
    var language = "es"
    var transcription: JSONObject?
    var noiseReduction: JSONValue = .null

    /// Applies the members that are there; an error leaves all as it was.
    mutating func update(_ object: JSONObject) throws(JSONError) {
        var changed = self
        var reader = JSONReader(object, path: "session")
        if let type = try reader.string("type"), type != SessionKind.translation.rawValue {
            throw reader.error("invalid_value", "Invalid value: '\(type)'.", "type")
        }
        if var audio = try reader.reader("audio") {
            if var input = try audio.reader("input") { try changed.readInput(&input) }
            if var output = try audio.reader("output") {
                changed.language = try output.string("language", bytes: 2...16) ?? language
                try output.finish()
            }
            try audio.finish()
        }
        try reader.finish()
        self = changed
    }

    private mutating func readInput(_ reader: inout JSONReader) throws(JSONError) {
        if reader.has("transcription") {
            transcription = nil
            if var options = try reader.reader("transcription") {
                guard let model = try options.string("model") else {
                    throw options.missing("model")
                }
                try options.finish()
                transcription = ["model": .string(model)]
            }
        }
        if reader.has("noise_reduction") {
            noiseReduction = try reader.object("noise_reduction").map(JSONValue.object) ?? .null
        }
        try reader.finish()
    }

    /// The session object.
    func json(id: String, expiresAt: Int64) -> JSONValue {
        [
            "id": .string(id), "type": "translation", "expires_at": .integer(expiresAt),
            "model": .string(model),
            "audio": [
                "input": [
                    "transcription": transcription.map(JSONValue.object) ?? .null,
                    "noise_reduction": noiseReduction,
                ],
                "output": ["language": .string(language)],
            ],
        ]
    }
}
