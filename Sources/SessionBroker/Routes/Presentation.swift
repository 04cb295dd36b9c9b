internal import ContextStore
internal import JSON

// The API's objects, with their fields in the contract's order (api.md, 3, 4 and 7).

extension Timestamp {
    /// Unix seconds, as the API shows times.
    var json: JSONValue { .integer(seconds) }
}

extension Conversation {
    var json: JSONValue {
        [
            "id": .string(id.text),
            "object": "conversation",
            "title": .optional(title),
            "agent_id": .optional(agentID?.text),
            "created_at": createdAt.json,
            "updated_at": updatedAt.json,
            "message_count": .integer(Int64(messageCount)),
            "last_message_at": lastMessageAt?.json ?? .null,
            "metadata": .object(metadata),
        ]
    }

    /// The conversation with the first words of what was said in it.
    func json(preview: String?) -> JSONValue {
        var object = json.objectValue ?? JSONObject()
        object["preview"] = .optional(preview)
        return .object(object)
    }
}

extension Item {
    var json: JSONValue {
        [
            "id": .string(id.text),
            "object": "message",
            "conversation_id": .string(conversationID.text),
            "session_id": .optional(sessionID?.text),
            "item_id": .optional(upstreamID),
            "type": .string(kind.rawValue),
            "role": .string(role.rawValue),
            "content": .string(content),
            "status": .string(status.rawValue),
            "position": .integer(position),
            "created_at": createdAt.json,
            "metadata": .object(metadata),
        ]
    }
}

extension Agent {
    /// The agent, with its tools as the caller may see them.
    func json(tools: [JSONValue]) -> JSONValue {
        [
            "id": .string(id.text),
            "object": "agent",
            "name": .string(settings.name),
            "model": .optional(settings.model),
            "voice": .optional(settings.voice),
            "instructions": .optional(settings.instructions),
            "tools": .array(tools),
            "tool_choice": settings.toolChoice ?? .null,
            "greeting": .optional(settings.greeting),
            "context": settings.context.map(JSONValue.object) ?? .null,
            "metadata": .object(settings.metadata),
            "created_at": createdAt.json,
            "updated_at": updatedAt.json,
        ]
    }
}

extension Session {
    /// The session without its secret, which is shown once, when it is minted.
    func json(url: String) -> JSONObject {
        [
            "id": .string(id.text),
            "object": "session",
            "status": .string(status.rawValue),
            "type": .string(kind.rawValue),
            "created_at": createdAt.json,
            "ended_at": endedAt?.json ?? .null,
            "end_reason": .optional(endReason),
            "conversation_id": .string(conversationID.text),
            "agent_id": .optional(agentID?.text),
            "transport": .string(transport.rawValue),
            "model": model.isEmpty ? .null : .string(model),
            "voice": .optional(voice),
            "url": .string(url),
            "context": .object(context),
            "max_duration_seconds": .integer(maximumDurationSeconds),
            "metadata": .object(metadata),
        ]
    }
}

extension Page {
    /// The list envelope.
    func json(id: (Element) -> String, element: (Element) -> JSONValue) -> JSONValue {
        .list(
            elements.map(element),
            first: elements.first.map(id),
            last: elements.last.map(id),
            hasMore: hasMore
        )
    }
}

extension JSONValue {
    /// A list envelope.
    static func list(
        _ data: [JSONValue],
        first: String?,
        last: String?,
        hasMore: Bool = false
    ) -> JSONValue {
        [
            "object": "list",
            "data": .array(data),
            "first_id": .optional(first),
            "last_id": .optional(last),
            "has_more": .bool(hasMore),
        ]
    }
}
