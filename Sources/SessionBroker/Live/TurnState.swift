internal import JSON

/// Whose turn it is, as far as the events of one upstream session tell.
struct TurnState: Sendable {
    /// Responses in progress.
    private(set) var activeResponses: Set<String> = []
    /// Out-of-band responses in progress: nobody's turn, but somebody waits for their end.
    private(set) var responsesApart: Set<String> = []
    /// Whether the user is speaking, or what was said is not in the conversation yet.
    private(set) var isSpeaking = false
    /// Whether a response was asked for, by the user or the client, and has not begun.
    private(set) var awaitsResponse = false

    /// The event that asked for it, if one with an id did.
    private var requestID: String?
    /// Whether audio went up that is in no turn: upstream may not have made out yet that it is speech.
    private var hasUnheardAudio = false
    /// Whether it is of a turn that is not over, because the client says where turns end.
    private var isTurnOpen = false
    /// Whether the model speaks by itself, because nobody else did.
    private(set) var isNudging = false

    /// What is lost if upstream is gone now, as `broker.session_renewed` names it.
    var lost: [String] {
        (isSpeaking || hasUnheardAudio ? ["input_audio"] : [])
            + (activeResponses.isEmpty && responsesApart.isEmpty ? [] : ["response"])
    }

    /// Whether upstream sessions may change without cutting anybody short.
    var isBoundary: Bool {
        activeResponses.isEmpty && !isSpeaking && !awaitsResponse && !isTurnOpen
    }

    /// Whether somebody waits for the model to speak, or to go on.
    var isModelsTurn: Bool { awaitsResponse || !activeResponses.isEmpty }

    /// Whether events of a type matter.
    static func concerns(_ type: String) -> Bool {
        switch type {
        case "input_audio_buffer.speech_started", "input_audio_buffer.committed",
            "input_audio_buffer.cleared", "input_audio_buffer.timeout_triggered",
            "conversation.item.added", "response.created", "response.done", "error":
            true
        default: false
        }
    }

    /// Takes in an event of upstream's; `answersTurns` says whether each turn gets a response.
    mutating func note(_ type: String, _ event: JSONValue, answersTurns: Bool) {
        guard !event.isOfNoConversation else { return noteApart(type, event) }
        switch type {
        case "input_audio_buffer.timeout_triggered": isNudging = true
        case "conversation.item.added": if Self.isTyped(event["item"]) { isNudging = false }
        case "input_audio_buffer.speech_started":
            isSpeaking = true
            isNudging = false
        case "input_audio_buffer.cleared": endTurn()
        case "input_audio_buffer.committed":
            endTurn()
            // Upstream begins none while another one goes on (reference, 4.2).
            if answersTurns, activeResponses.isEmpty { awaitsResponse = true }
        case "response.created":
            awaitsResponse = false
            if let id = event["response"]?["id"]?.stringValue { activeResponses.insert(id) }
        case "response.done":
            if let id = event["response"]?["id"]?.stringValue { activeResponses.remove(id) }
        case "error": refused(event["error"]?["event_id"]?.stringValue)
        default: break
        }
    }

    private mutating func noteApart(_ type: String, _ event: JSONValue) {
        guard let id = event["response"]?["id"]?.stringValue else { return }
        switch type {
        case "response.created": responsesApart.insert(id)
        case "response.done": responsesApart.remove(id)
        default: break
        }
    }

    /// An error that names no event may be about what was asked for; nothing tells for sure.
    private mutating func refused(_ eventID: String?) {
        if eventID == nil || eventID == requestID { awaitsResponse = false }
    }

    /// Whether an item is something that the user wrote; upstream's own nudge is empty.
    private static func isTyped(_ item: JSONValue?) -> Bool {
        guard item?["role"] == "user" else { return false }
        return (item?["content"]?.arrayValue ?? []).contains {
            $0["text"]?.stringValue?.isEmpty == false
        }
    }

    private mutating func endTurn() {
        isSpeaking = false
        hasUnheardAudio = false
        isTurnOpen = false
    }

    /// A piece of the user's audio goes up; `detectsTurns` says whether upstream finds out when a turn
    /// ends.
    mutating func noteAudio(detectsTurns: Bool) {
        hasUnheardAudio = true
        isTurnOpen = !detectsTurns
    }

    /// The client does something itself.
    mutating func noteClient() {
        isNudging = false
    }

    /// The client, or the broker, asks for a response; by an event of that id, if it has one.
    mutating func noteRequest(_ eventID: String?) {
        awaitsResponse = true
        requestID = eventID
    }
}
