public import JSON

extension TranscriptItem {
    /// The one text that a store keeps for an item of any kind.
    ///
    /// A message's content, a call's arguments, an output's result.
    public var storedText: String {
        switch kind {
        case .message, .other: content
        case .functionCall, .mcpCall, .mcpApprovalRequest: call.arguments ?? ""
        case .functionCallOutput: call.output ?? ""
        case .mcpListTools, .mcpApprovalResponse: ""
        }
    }

    /// All that ``storedText``, kind, role, status and place do not tell; without nulls.
    public var metadata: JSONObject {
        var metadata = JSONObject()
        func set(_ key: String, _ text: String?) { metadata[key] = text.map(JSONValue.string) }
        func set(_ key: String, _ number: Int?) {
            metadata[key] = number.map { .integer(Int64($0)) }
        }
        if contentKinds.contains(.audio) { metadata["spoken"] = .bool(true) }
        set("phase", phase)
        set("response_id", responseID)
        set("name", call.name)
        set("call_id", call.callID)
        set("audio_end_ms", audioEndMs)
        set("audio_heard_ms", audioHeardMs)
        set("heard_text", heardText)
        if isHeardTextEstimated { metadata["heard_text_estimated"] = .bool(true) }
        set("transcription", transcriptionError)
        set("partial_transcript", partialTranscript)
        metadata["confidence"] = confidence.map(JSONValue.number)
        set("time_to_first_audio_ms", timeToFirstAudioMs)
        set("server_label", call.serverLabel)
        set("error", call.error)
        metadata["tools"] = call.toolNames.map { .array($0.map(JSONValue.string)) }
        set("approval_request_id", call.approvalRequestID)
        metadata["approve"] = call.isApproved.map(JSONValue.bool)
        if kind == .mcpCall { set("output", call.output) }
        return metadata
    }
}
