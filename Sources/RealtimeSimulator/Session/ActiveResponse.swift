internal import JSON

/// A response in progress: what it will say, and how much of it is out.
struct ActiveResponse: Sendable {
    enum Step: Sendable, Equatable {
        case create
        case startItem
        case openPart
        case delta(String)
        case awaitSpeech
        case audio([UInt8])
        case finish
    }

    enum State: Sendable, Equatable {
        case requested, created, itemStarted, partOpen
    }

    let id: String
    let settings: ResponseSettings
    let answer: Answer
    /// How its speech is coded.
    let format: AudioFormat
    var usage: Usage
    var state = State.requested
    /// What is left to do, each with the pause before it, in milliseconds of a real service.
    var steps: ArraySlice<(pauseMs: Double, step: Step)> = []
    /// Whether ``Step/awaitSpeech`` was reached before the audio was.
    var isWaitingForSpeech = false
    /// Audio that came before ``Step/awaitSpeech`` was reached.
    var earlyAudio: [UInt8]?
    var itemID = ""
    var callID = ""
    var phase: String?
    /// The text, transcript or arguments that are out.
    var said = ""
    var saidTokens = 0
    var audio: [UInt8] = []
    /// Set when the answer had to be cut to `max_output_tokens`.
    var isCut = false
    /// Set when the rest of its speech is not to be played.
    var isMuted = false

    var isAudio: Bool {
        if case .text = answer { settings.modality == .audio } else { false }
    }

    /// The item as far as it has come.
    func item(_ status: ConversationItem.Status) -> ConversationItem {
        if case .functionCall(let name, _) = answer {
            return ConversationItem(
                id: itemID,
                status: status,
                body: .functionCall(name: name, callID: callID, arguments: said)
            )
        }
        return ConversationItem(
            id: itemID,
            status: status,
            body: .message(.assistant, content(status), phase: phase)
        )
    }

    private func content(_ status: ConversationItem.Status) -> [ConversationItem.Content] {
        // An item has no content before its part is closed.
        guard state == .partOpen, status != .inProgress else { return [] }
        guard isAudio else { return [.outputText(said)] }
        let recorded = ConversationItem.RecordedAudio(bytes: audio, durationMs: audioMs)
        return [.outputAudio(recorded, transcript: said)]
    }

    var audioMs: Int { audio.count / format.bytesPerMs }

    /// The finished or partial content, in the words of `content_part` events.
    var part: JSONValue {
        isAudio
            ? ["type": "audio", "transcript": .string(said)]
            : ["type": "text", "text": .string(said)]
    }

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
