internal import JSON

/// Whose turn it is, as far as the events of one upstream session tell.
struct TurnState: Sendable {
    /// Responses in progress.
    private(set) var activeResponses: Set<String> = []
    /// Whether the user is speaking.
    private(set) var isSpeaking = false
    /// Whether a response was asked for, by the user or the client, and has not begun.
    private(set) var awaitsResponse = false

    /// Whether audio went up that is in no turn: upstream may not have made out yet that it is speech.
    private var hasUnheardAudio = false

    /// What is lost if upstream is gone now, as `broker.session_renewed` names it.
    var lost: [String] {
        (isSpeaking || hasUnheardAudio ? ["input_audio"] : [])
            + (activeResponses.isEmpty ? [] : ["response"])
    }

    /// Whether upstream sessions may change without cutting anybody short.
    var isBoundary: Bool { activeResponses.isEmpty && !isSpeaking && !awaitsResponse }

    /// Whether somebody waits for the model to speak, or to go on.
    var isModelsTurn: Bool { awaitsResponse || !activeResponses.isEmpty }

    /// Whether events of a type matter.
    static func concerns(_ type: String) -> Bool {
        switch type {
        case "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed", "input_audio_buffer.cleared", "response.created",
            "response.done", "response.create", "error":
            true
        default: false
        }
    }

    /// Takes in an event of upstream's; `answersTurns` says whether each turn gets a response.
    mutating func note(_ type: String, _ event: JSONValue, answersTurns: Bool) {
        guard !event.isOfNoConversation else { return }
        switch type {
        case "input_audio_buffer.speech_started": isSpeaking = true
        case "input_audio_buffer.speech_stopped": isSpeaking = false
        case "input_audio_buffer.cleared":
            isSpeaking = false
            hasUnheardAudio = false
        case "input_audio_buffer.committed":
            isSpeaking = false
            hasUnheardAudio = false
            if answersTurns { awaitsResponse = true }
        case "response.created":
            awaitsResponse = false
            if let id = event["response"]?["id"]?.stringValue { activeResponses.insert(id) }
        case "response.done":
            if let id = event["response"]?["id"]?.stringValue { activeResponses.remove(id) }
        // What was asked for may have been refused; nothing tells for sure.
        case "error": awaitsResponse = false
        default: break
        }
    }

    /// A piece of the user's audio goes up.
    mutating func noteAudio() {
        hasUnheardAudio = true
    }

    /// The client, or the broker, asks for a response.
    mutating func noteRequest() {
        awaitsResponse = true
    }
}
