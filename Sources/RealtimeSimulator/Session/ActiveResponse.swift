internal import JSON

/// A response in progress: its output items, and what is left to do for them.
struct ActiveResponse: Sendable {
    /// Each with the number of the output that it belongs to.
    enum Step: Sendable, Equatable {
        case create
        case startItem(Int)
        case openPart(Int)
        case delta(Int, String)
        case awaitSpeech(Int)
        case audio(Int, [UInt8])
        case callTool(Int)
        case takeResult(Int)
        case close(Int)
        case finish
    }

    /// A step, and the pause before it in milliseconds of a real service.
    typealias TimedStep = (pauseMs: Double, step: Step)

    let id: String
    let settings: ResponseSettings
    /// What it fails with.
    let failure: JSONObject?
    var outputs: [ResponseOutput]
    var usage: Usage
    var isCreated = false
    var steps: ArraySlice<TimedStep> = []
    /// Set when the answer had to be cut to `max_output_tokens`.
    var isCut = false
    /// Set when the rest of its speech is not to be played.
    var isMuted = false

    var isWaitingForSpeech: Bool { outputs.contains(where: \.isWaitingForSpeech) }
    var audioMs: Int { outputs.reduce(0) { $0 + $1.audioMs } }
    var saidTokens: Int { outputs.reduce(0) { $0 + $1.saidTokens } }

    func json(
        _ status: String,
        details: JSONValue = .null,
        output: [JSONValue] = [],
        usage: JSONValue = .null,
        conversationID: String
    ) -> JSONValue {
        let output: [JSONObject.Member] = [
            ("object", "realtime.response"), ("id", .string(id)), ("status", .string(status)),
            ("status_details", details), ("output", .array(output)),
            ("conversation_id", settings.isOutOfBand ? .null : .string(conversationID)),
            ("output_modalities", [.string(settings.modality.rawValue)]),
            (
                "max_output_tokens",
                settings.maxOutputTokens.map { .integer(Int64($0)) } ?? "inf"
            ),
            (
                "audio",
                [
                    "output": [
                        "format": settings.outputFormat.json, "voice": settings.voice,
                    ]
                ]
            ),
            ("usage", usage), ("metadata", settings.metadata),
        ]
        return .object(JSONObject(uniqueMembers: output))
    }
}
