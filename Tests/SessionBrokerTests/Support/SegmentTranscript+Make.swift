import ContextStore
import JSON
import Testing

@testable import SessionBroker

extension SegmentTranscript {
    /// A transcript of alternating turns, the user's first, a day between them.
    static func make(_ texts: [String]) throws -> SegmentTranscript {
        let ids = IdentifierGenerator()
        let messages = texts.enumerated().map { index, text in
            Message(
                id: ids.make(),
                role: index % 2 == 0 ? .user : .assistant,
                saidAt: Timestamp.noon.adding(.seconds(86_400 * index)),
                text: text
            )
        }
        return SegmentTranscript(user: try #require(UserID("u-1")), messages: messages)
    }
}

/// A fact as a model writes it.
func modelFact(
    _ text: JSONValue = "lives in Graz",
    slot: JSONValue = "place",
    key: JSONValue = "",
    value: JSONValue = "Graz",
    hasEnded: JSONValue = false,
    messages: JSONValue = [1]
) -> JSONValue {
    [
        "text": text, "slot": slot, "key": key, "value": value, "has_ended": hasEnded,
        "messages": messages,
    ]
}

/// What a model writes about a segment.
func modelNotes(_ summary: JSONValue = "Talked.", _ facts: [JSONValue] = []) -> String {
    JSONValue.object(["summary": summary, "facts": .array(facts)]).text
}

/// Upstream's answer with a text.
func modelAnswer(_ text: String, totalTokens: Int64 = 100) -> String {
    JSONValue.object([
        "id": "resp_1", "object": "response", "status": "completed",
        "output": [
            ["type": "reasoning", "summary": []],
            [
                "type": "message", "role": "assistant",
                "content": [["type": "output_text", "annotations": [], "text": .string(text)]],
            ],
        ],
        "usage": ["total_tokens": .integer(totalTokens)],
    ]).text
}
