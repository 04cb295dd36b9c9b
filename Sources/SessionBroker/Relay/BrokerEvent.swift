internal import ContextStore
internal import JSON

/// The broker's own events on a relay (api.md, 5).
enum BrokerEvent {
    /// The session that this connection is.
    static func session(
        _ session: Session,
        isResumed: Bool,
        replay: EventBacklog.Replay,
        id: String
    ) -> JSONValue {
        [
            "type": "broker.session",
            "event_id": .string(id),
            "session_id": .string(session.id.text),
            "conversation_id": .string(session.conversationID.text),
            "context": .object(session.context),
            "max_duration_seconds": .integer(session.maximumDurationSeconds),
            "resumed": .bool(isResumed),
            "events_replayed": .integer(Int64(replay.events.count)),
            "events_missing": .bool(!replay.isComplete),
        ]
    }

    /// An item is on disk.
    static func stored(_ item: Item, id: String) -> JSONValue {
        [
            "type": "broker.message_stored", "event_id": .string(id), "message": item.json,
        ]
    }

    /// The session will end.
    static func expiring(session: SessionID, in rest: Duration, id: String) -> JSONValue {
        [
            "type": "broker.session_expiring",
            "event_id": .string(id),
            "session_id": .string(session.text),
            // Rounded up: what ends soon has not ended.
            "expires_in_seconds": .integer(
                rest.components.seconds + (rest.components.attoseconds > 0 ? 1 : 0)
            ),
        ]
    }

    /// The session goes on in another of upstream's; `lost` says what the change has cost.
    static func renewed(_ opening: Opening, session: SessionID, id: String) -> JSONValue {
        [
            "type": "broker.session_renewed",
            "event_id": .string(id),
            "session_id": .string(session.text),
            "reason": opening.reason == .expiry ? "upstream_limit" : "upstream_lost",
            "lost": .array(opening.lost.map(JSONValue.string)),
        ]
    }

    /// How much upstream lets be used.
    static func rateLimits(_ limits: [JSONValue], session: SessionID, id: String) -> JSONValue {
        [
            "type": "broker.rate_limits",
            "event_id": .string(id),
            "session_id": .string(session.text),
            "rate_limits": .array(limits),
        ]
    }

    /// Something was not done, or not all of it; `cause` is the client's event.
    static func error(
        code: String,
        message: String,
        param: String? = nil,
        cause: String? = nil,
        id: String
    ) -> JSONValue {
        [
            "type": "broker.error",
            "event_id": .string(id),
            "error": [
                "type": "invalid_request_error",
                "code": .string(code),
                "message": .string(message),
                "param": .optional(param),
                "event_id": .optional(cause),
            ],
        ]
    }

    /// In upstream's words: a response that will not be finished, because upstream's session is over.
    static func failedResponse(
        _ response: String,
        because reason: Opening.Reason,
        eventID: String
    ) -> JSONValue {
        let (code, message): (JSONValue, JSONValue) =
            reason == .expiry
            ? ("upstream_session_ended", "Upstream's session ended by its time limit.")
            : ("upstream_connection_lost", "The connection to upstream was lost.")
        return [
            "type": "response.done",
            "event_id": .string(eventID),
            "response": [
                "object": "realtime.response",
                "id": .string(response),
                "status": "failed",
                "status_details": [
                    "type": "failed",
                    "error": [
                        "type": "server_error", "code": code, "message": message,
                    ],
                ],
                "output": [],
                "usage": .null,
                "metadata": .null,
            ],
        ]
    }
}
