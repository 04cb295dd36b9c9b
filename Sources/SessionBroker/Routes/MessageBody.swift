internal import ContextStore
internal import JSON

/// The body of `POST /api/conversations/{id}/messages`: one message, or several (api.md, 4).
enum MessageBody {
    /// How many messages one request may carry.
    static let maximumCount = 10_000

    /// The messages of a body, and whether they came as a list.
    ///
    /// - Throws: `JSONError` naming the first field that is wrong.
    static func read(
        _ reader: JSONReader
    ) throws(JSONError) -> (messages: [NewItem], isList: Bool) {
        var reader = reader
        guard let elements = try reader.array("messages") else {
            return ([try NewItem(reader)], false)
        }
        try reader.finish()
        guard (1...maximumCount).contains(elements.count) else {
            throw reader.error(
                "invalid_value",
                "'messages' must hold 1 to \(maximumCount) messages.",
                "messages"
            )
        }
        var messages: [NewItem] = []
        messages.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            messages.append(
                try NewItem(JSONReader(of: element, path: "messages[\(index)]"))
            )
        }
        return (messages, true)
    }
}

extension NewItem {
    /// Reads one message.
    ///
    /// - Throws: `JSONError` naming the first field that is wrong.
    init(_ reader: JSONReader) throws(JSONError) {
        var reader = reader
        let kind: Item.Kind = try reader.choice("type") ?? .message
        let upstreamID = try reader.string("item_id", bytes: 1...512)
        let content = try MessageContent(&reader, kind: kind, isOptional: upstreamID != nil)
        self.init(
            sessionID: try reader.identifier("session_id"),
            upstreamID: upstreamID,
            kind: kind,
            role: try reader.role(kind),
            content: content.text,
            status: try reader.choice("status") ?? .completed,
            placement: try reader.placement(),
            createdAt: try reader.timestamp("created_at"),
            metadata: try reader.metadata("metadata").merging(content.metadata)
        )
        try reader.finish()
    }
}

/// What was said or called, as text, and what of it goes to the metadata.
private struct MessageContent {
    var text = ""
    var metadata = JSONObject()

    /// Reads `content`, and of function items also upstream's own fields.
    init(
        _ reader: inout JSONReader,
        kind: Item.Kind,
        isOptional: Bool
    ) throws(JSONError) {
        if kind != .message {
            for key in ["name", "call_id"] {
                if let value = try reader.string(key) { metadata[key] = .string(value) }
            }
            let field = kind == .functionCall ? "arguments" : "output"
            if let value = try reader.string(field) {
                text = value
                return
            }
        }
        switch reader.value("content") {
        case .string(let value)?: text = value
        case .array(let parts)?:
            text = try Self.text(of: parts, param: reader.param("content"))
            metadata["parts"] = .array(parts)
        case nil where isOptional: break
        case nil: throw reader.missing("content")
        default:
            throw reader.error(
                "invalid_type",
                "'\(reader.param("content"))' must be a string or parts.",
                "content"
            )
        }
    }

    /// The text and the transcripts of OpenAI's content parts (reference, 8.1), a line each.
    private static func text(
        of parts: [JSONValue],
        param: String
    ) throws(JSONError) -> String {
        var lines: [String] = []
        for (index, part) in parts.enumerated() {
            var reader = try JSONReader(of: part, path: "\(param)[\(index)]")
            guard try reader.string("type") != nil else { throw reader.missing("type") }
            let said = try reader.string("text")
            let heard = try reader.string("transcript")
            if let line = said ?? heard { lines.append(line) }
        }
        return lines.joined(separator: "\n")
    }
}

extension JSONReader {
    /// Where the message goes: behind a named item, first, or last when nothing is said.
    fileprivate mutating func placement() throws(JSONError) -> ItemPlacement {
        guard has("previous_item_id") else { return .unspecified }
        guard let id = try string("previous_item_id", bytes: 1...512) else { return .first }
        return .after(id)
    }

    fileprivate mutating func role(_ kind: Item.Kind) throws(JSONError) -> Item.Role {
        if let role: Item.Role = try choice("role") { return role }
        switch kind {
        case .message: throw missing("role")
        case .functionCall: return .assistant
        case .functionCallOutput: return .tool
        }
    }

    /// Unix seconds, with a fraction if need be, from 1970 to 9999.
    mutating func timestamp(_ key: String) throws(JSONError) -> Timestamp? {
        guard let seconds = try double(key) else { return nil }
        guard let time = Timestamp(seconds: seconds) else {
            throw error("invalid_value", "'\(param(key))' must be Unix seconds.", key)
        }
        return time
    }
}
