internal import JSON

extension JSONValue {
    /// Whether this event is about an out-of-band response, which is nobody's turn (reference, 9.8).
    var isOfNoConversation: Bool { self["response"]?["conversation_id"] == .null }
}
