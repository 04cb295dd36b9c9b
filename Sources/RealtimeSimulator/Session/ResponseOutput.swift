internal import JSON

/// One output item of a response in progress: what it will be, and how much of it is out.
struct ResponseOutput: Sendable {
    enum State: Sendable, Equatable {
        case waiting, itemStarted, partOpen, closed
    }

    let responseID: String
    let index: Int
    let answer: Answer
    /// Whether it is spoken, and not written or done.
    let isAudio: Bool
    /// How its speech is coded.
    let format: AudioFormat
    /// How a message is marked; nil for models that do not.
    let phase: String?
    var state = State.waiting
    var itemID = ""
    var callID = ""
    /// The text, transcript or arguments that are out.
    var said = ""
    var saidTokens = 0
    var audio: [UInt8] = []
    /// Whether its audio was needed before it was there.
    var isWaitingForSpeech = false
    /// Audio that came before it was needed.
    var earlyAudio: [UInt8]?
    /// Whether the tool of an MCP server has answered.
    var hasResult = false

    var isOpen: Bool { state == .itemStarted || state == .partOpen }
    var audioMs: Int { audio.count / format.bytesPerMs }

    /// The item as far as it has come.
    func item(_ status: ConversationItem.Status) -> ConversationItem {
        let body: ConversationItem.Body =
            switch answer {
            case .functionCall(let name, _):
                .functionCall(name: name, callID: callID, arguments: said)
            case .mcpCall(let call):
                .mcpCall(
                    MCPCall(
                        serverLabel: call.serverLabel,
                        name: call.name,
                        arguments: said,
                        output: hasResult ? call.output : nil,
                        error: hasResult ? call.error : .null
                    )
                )
            case .text, .commentary, .failure:
                .message(.assistant, content(status), phase: phase)
            }
        return ConversationItem(id: itemID, status: status, body: body)
    }

    private func content(_ status: ConversationItem.Status) -> [ConversationItem.Content] {
        // An item has no content before its part is closed.
        guard state == .partOpen || state == .closed, status != .inProgress else { return [] }
        guard isAudio else { return [.outputText(said)] }
        let recorded = ConversationItem.RecordedAudio(bytes: audio, durationMs: audioMs)
        return [.outputAudio(recorded, transcript: said)]
    }

    // MARK: Events

    /// The finished or partial content, in the words of `content_part` events.
    var part: JSONValue {
        isAudio
            ? ["type": "audio", "transcript": .string(said)]
            : ["type": "text", "text": .string(said)]
    }

    /// The members that name the output item.
    var outputMembers: [JSONObject.Member] {
        [("response_id", .string(responseID)), ("output_index", .integer(Int64(index)))]
    }

    /// The members that name the item and its one part.
    var partMembers: [JSONObject.Member] { itemMembers + [("content_index", 0)] }

    /// The members that name a call.
    var callMembers: [JSONObject.Member] {
        guard case .functionCall = answer else { return itemMembers }
        return itemMembers + [("call_id", .string(callID))]
    }

    private var itemMembers: [JSONObject.Member] {
        [
            ("response_id", .string(responseID)), ("item_id", .string(itemID)),
            ("output_index", .integer(Int64(index))),
        ]
    }

    var deltaMembers: [JSONObject.Member] { answer.isSpoken ? partMembers : callMembers }

    var deltaType: String {
        switch answer {
        case .functionCall: "response.function_call_arguments.delta"
        case .mcpCall: "response.mcp_call_arguments.delta"
        case .text, .commentary, .failure:
            isAudio ? "response.output_audio_transcript.delta" : "response.output_text.delta"
        }
    }
}
