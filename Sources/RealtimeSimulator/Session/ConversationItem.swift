internal import JSON

/// One entry of a conversation, as the simulator keeps it.
struct ConversationItem: Sendable, Equatable {
    enum Role: String, Sendable, CaseIterable {
        case system, user, assistant
    }

    enum Status: String, Sendable {
        case inProgress = "in_progress"
        case completed
        case incomplete
    }

    enum Content: Sendable, Equatable {
        case inputText(String)
        case inputAudio(RecordedAudio, transcript: String?)
        case inputImage
        case outputText(String)
        case outputAudio(RecordedAudio, transcript: String?)
    }

    enum Body: Sendable, Equatable {
        case message(Role, [Content], phase: String?)
        case functionCall(name: String, callID: String, arguments: String)
        case functionCallOutput(callID: String, output: String)
        case mcpListTools(serverLabel: String, tools: [JSONValue])
        case mcpCall(MCPCall)
    }

    /// Audio of an item; `bytes` may be forgotten while the length stays known.
    struct RecordedAudio: Sendable, Equatable {
        var bytes: [UInt8] = []
        var durationMs = 0
    }

    let id: String
    var status: Status
    var body: Body

    /// The wire's form, in upstream's order of keys; stored audio only when asked for.
    func json(withAudio: Bool = false) -> JSONValue {
        var members: [JSONObject.Member] = [("id", .string(id))]
        switch body {
        case .message(let role, let content, let phase):
            members.append(("type", "message"))
            members.append(("status", .string(status.rawValue)))
            members.append(("role", .string(role.rawValue)))
            members.append(("content", .array(content.map { $0.json(withAudio: withAudio) })))
            if let phase { members.append(("phase", .string(phase))) }
        case .functionCall(let name, let callID, let arguments):
            members.append(("type", "function_call"))
            members.append(("status", .string(status.rawValue)))
            members.append(("name", .string(name)))
            members.append(("call_id", .string(callID)))
            members.append(("arguments", .string(arguments)))
        case .functionCallOutput(let callID, let output):
            // Upstream gives these back without a status.
            members.append(("type", "function_call_output"))
            members.append(("call_id", .string(callID)))
            members.append(("output", .string(output)))
        case .mcpListTools(let label, let tools):
            members.append(("type", "mcp_list_tools"))
            members.append(("server_label", .string(label)))
            members.append(("tools", .array(tools)))
        case .mcpCall(let call):
            members.append(("type", "mcp_call"))
            members.append(("server_label", .string(call.serverLabel)))
            members.append(("name", .string(call.name)))
            members.append(("arguments", .string(call.arguments)))
            members.append(("approval_request_id", .null))
            members.append(("output", .optional(call.output)))
            members.append(("error", call.error))
        }
        return .object(JSONObject(uniqueMembers: members))
    }

    var role: Role? {
        if case .message(let role, _, _) = body { role } else { nil }
    }

    /// All text of the item that a model could read or hear, as far as it is known.
    var text: String {
        switch body {
        case .message(_, let content, _): content.compactMap(\.text).joined(separator: " ")
        case .functionCall(_, _, let arguments): arguments
        case .functionCallOutput(_, let output): output
        case .mcpListTools(_, let tools): JSONValue.array(tools).text
        case .mcpCall(let call): call.arguments + (call.output.map { " \($0)" } ?? "")
        }
    }

    /// The length of the item's audio.
    var audioMs: Int {
        guard case .message(_, let content, _) = body else { return 0 }
        return content.reduce(0) { sum, part in
            switch part {
            case .inputAudio(let audio, _), .outputAudio(let audio, _): sum + audio.durationMs
            default: sum
            }
        }
    }

    /// Changes the first part with audio; returns false when there is none.
    mutating func changeAudio(_ change: (inout RecordedAudio, inout String?) -> Void) -> Bool {
        guard case .message(let role, var content, let phase) = body else { return false }
        for (index, part) in content.enumerated() {
            switch part {
            case .inputAudio(var audio, var transcript):
                change(&audio, &transcript)
                content[index] = .inputAudio(audio, transcript: transcript)
            case .outputAudio(var audio, var transcript):
                change(&audio, &transcript)
                content[index] = .outputAudio(audio, transcript: transcript)
            default: continue
            }
            body = .message(role, content, phase: phase)
            return true
        }
        return false
    }
}

extension ConversationItem.Content {
    func json(withAudio: Bool) -> JSONValue {
        switch self {
        case .inputText(let text): ["type": "input_text", "text": .string(text)]
        case .inputAudio(let audio, let transcript):
            Self.audio("input_audio", audio, transcript, withAudio)
        // Upstream gives images back without the image.
        case .inputImage: ["type": "input_image"]
        case .outputText(let text): ["type": "output_text", "text": .string(text)]
        case .outputAudio(let audio, let transcript):
            Self.audio("output_audio", audio, transcript, withAudio)
        }
    }

    var text: String? {
        switch self {
        case .inputText(let text), .outputText(let text): text
        case .inputAudio(_, let transcript), .outputAudio(_, let transcript): transcript
        case .inputImage: nil
        }
    }

    private static func audio(
        _ type: String,
        _ audio: ConversationItem.RecordedAudio,
        _ transcript: String?,
        _ withAudio: Bool
    ) -> JSONValue {
        var members: [JSONObject.Member] = [("type", .string(type))]
        if withAudio { members.append(("audio", .string(Base64.encode(audio.bytes)))) }
        members.append(("transcript", .optional(transcript)))
        return .object(JSONObject(uniqueMembers: members))
    }
}
