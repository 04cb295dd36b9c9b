internal import ContextStore
internal import JSON

/// The event that makes the model speak first (reference, 6: `response.create`).
enum GreetingEvent {
    /// An event ready to send: the greeting is quoted, so that it reads as words to say.
    static func make(greeting: String, session: SessionID) -> JSONValue {
        [
            "type": "response.create",
            "event_id": .string("greeting_\(session.text)"),
            "response": [
                "instructions": .string(
                    "Greet the user now. Say exactly this, and nothing else: "
                        + JSONValue.string(greeting).text
                )
            ],
        ]
    }
}
