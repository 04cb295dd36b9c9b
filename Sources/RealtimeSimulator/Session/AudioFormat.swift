internal import JSON

/// How audio is coded on the wire; mono in every case.
enum AudioFormat: String, Sendable, Equatable {
    case pcm = "audio/pcm"
    case pcmu = "audio/pcmu"
    case pcma = "audio/pcma"

    var samplesPerSecond: Int { self == .pcm ? 24_000 : 8_000 }
    var bytesPerSample: Int { self == .pcm ? 2 : 1 }
    var bytesPerMs: Int { samplesPerSecond / 1_000 * bytesPerSample }

    var json: JSONValue {
        self == .pcm
            ? ["type": "audio/pcm", "rate": 24_000] : ["type": .string(rawValue)]
    }

    init(_ reader: inout JSONReader) throws(JSONError) {
        guard let name = try reader.string("type") else { throw reader.missing("type") }
        guard let format = AudioFormat(rawValue: name) else {
            throw reader.error("invalid_value", "Invalid value: '\(name)'.", "type")
        }
        if let rate = try reader.integer("rate"), format == .pcm, rate != 24_000 {
            throw reader.error(
                rate < 24_000 ? "integer_below_min_value" : "integer_above_max_value",
                "Invalid '\(reader.param("rate"))': expected 24000, but got \(rate) instead.",
                "rate"
            )
        }
        try reader.finish()
        self = format
    }
}
