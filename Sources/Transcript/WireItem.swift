internal import JSON

/// An item as it came (the Realtime reference, 8.1).
struct WireItem {
    private let item: JSONValue

    init(_ item: JSONValue) {
        self.item = item
    }

    /// Its id; never empty.
    var id: String? { text("id").flatMap { $0.isEmpty ? nil : $0 } }

    /// A message's content.
    var parts: [ItemSnapshot.Part] { (item["content"]?.arrayValue ?? []).map(WirePart.read) }

    /// What it tells; nil if it has no id.
    var snapshot: ItemSnapshot? {
        guard let id else { return nil }
        return ItemSnapshot(
            id: id,
            kind: kind,
            role: role,
            status: text("status").flatMap(TranscriptItem.Status.init),
            parts: parts,
            phase: text("phase"),
            call: call
        )
    }

    private func text(_ key: String) -> String? { item[key]?.stringValue }

    private var kind: TranscriptItem.Kind {
        switch text("type") {
        case nil, "message": .message
        case "function_call": .functionCall
        case "function_call_output": .functionCallOutput
        case "mcp_list_tools": .mcpListTools
        case "mcp_call": .mcpCall
        case "mcp_approval_request": .mcpApprovalRequest
        case "mcp_approval_response": .mcpApprovalResponse
        case let other?: .other(other)
        }
    }

    private var role: TranscriptItem.Role? {
        text("role") == "developer" ? .system : text("role").flatMap(TranscriptItem.Role.init)
    }

    private var call: TranscriptItem.Call {
        var call = TranscriptItem.Call(
            name: text("name"),
            callID: text("call_id"),
            arguments: json("arguments"),
            output: json("output")
        )
        call.serverLabel = text("server_label")
        call.error = item["error"]?["message"]?.stringValue ?? json("error")
        call.toolNames = item["tools"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
        call.approvalRequestID = text("approval_request_id")
        call.isApproved = item["approve"]?.boolValue
        return call
    }

    /// A string as it is; anything else as JSON text, so that it is not lost.
    private func json(_ key: String) -> String? {
        switch item[key] {
        case nil, .null: nil
        case .string(let text): text
        case let value?: value.text
        }
    }
}

/// A part of a message's content as it came.
enum WirePart {
    /// What it is; older servers and beta ones leave the direction out of its type.
    static func read(_ part: JSONValue) -> ItemSnapshot.Part {
        let type = part["type"]?.stringValue ?? ""
        let kind: TranscriptItem.ContentKind =
            if type.contains("image") {
                .image
            } else if type.contains("audio") || (type.isEmpty && part["transcript"] != nil) {
                .audio
            } else {
                .text
            }
        return ItemSnapshot.Part(kind, text(of: part))
    }

    /// Its text or transcript.
    static func text(of part: JSONValue) -> String? {
        part["text"]?.stringValue ?? part["transcript"]?.stringValue
    }
}
