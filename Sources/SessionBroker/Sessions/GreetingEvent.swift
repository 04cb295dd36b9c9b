internal import ContextStore
internal import JSON

/// The event that makes the model speak first (reference, 6: `response.create`).
enum GreetingEvent {
    /// The id of a session's event.
    static func id(_ session: SessionID) -> String { "greeting_\(session.text)" }

    /// An event ready to send: the greeting is quoted, so that it reads as words to say.
    static func make(greeting: String, session: SessionID) -> JSONValue {
        [
            "type": "response.create",
            "event_id": .string(id(session)),
            "response": [
                "instructions": .string(
                    "Greet the user now. Say exactly this, and nothing else: "
                        + JSONValue.string(greeting).text
                )
            ],
        ]
    }
}
