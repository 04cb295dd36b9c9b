import JSON
import Testing

@testable import RealtimeSimulator

@Suite struct TextAnswerTests {
    private static let record = """
        A record:
        > [4] 2026-11-21 user: "My sister Ana lives in \\"Old\\" Graz."
        > (3 messages are left out here)
        > [8] 2026-11-22 assistant: "I see that Ana Maria lives in Graz, Austria, since 2020."
        > [9] 2026-11-22 user: "OK."
        """

    @Test func `quoted lines are read with their numbers and speakers`() {
        let source = SourceText(Self.record)
        #expect(
            source.lines.map(\.number) == [4, 8, 9]
                && source.lines.map(\.speaker) == ["user", "assistant", "user"]
        )
        #expect(source.lines.first?.text == #"My sister Ana lives in "Old" Graz."#)
        let plain = SourceText("One.\n\nTwo.")
        #expect(plain.lines.map(\.text) == ["One.", "Two."])
        #expect(SourceText("> [x\n> [1] \"").lines.map(\.text) == ["[x", #"[1] ""#])
    }

    @Test func `a schema is filled from the record alone`() throws {
        let request = try Self.request([
            "type": "object", "additionalProperties": false, "required": ["summary", "facts"],
            "properties": [
                "summary": ["type": "string"],
                "facts": [
                    "type": "array",
                    "items": [
                        "type": "object", "additionalProperties": false,
                        "required": ["text", "slot", "value", "over", "messages"],
                        "properties": [
                            "text": ["type": "string"],
                            "slot": ["type": "string", "enum": ["name", "other"]],
                            "value": ["type": "string"], "over": ["type": "boolean"],
                            "messages": ["type": "array", "items": ["type": "integer"]],
                        ],
                    ],
                ],
            ],
        ])
        guard case .text(let text) = TextAnswer(to: request).outcome else {
            Issue.record("no text")
            return
        }
        #expect(
            try JSONValue(parsing: text.utf8) == [
                "summary": .string(
                    #"My sister Ana lives in "Old" Graz. "#
                        + "I see that Ana Maria lives in Graz, Austria, since 2020."
                ),
                "facts": [
                    [
                        "text": #"My sister Ana lives in "Old" Graz."#, "slot": "other",
                        "value": "Graz", "over": false, "messages": [4],
                    ]
                ],
            ]
        )
        #expect(TextAnswer(to: request) == TextAnswer(to: request))
    }

    @Test func `every type of a schema gets a value of its type`() throws {
        let item: JSONValue = ["type": "integer", "minimum": 5, "maximum": 6]
        let properties: JSONValue = [
            "a": ["type": "number"], "b": ["type": "null"], "c": ["const": 7, "type": "integer"],
            "d": ["type": "array", "items": item, "minItems": 2], "e": ["anyOf": [item]],
        ]
        let request = try Self.request(
            [
                "type": "object", "additionalProperties": false,
                "required": ["a", "b", "c", "d", "e"], "properties": properties,
            ],
            input: "Nothing."
        )
        let expected: JSONValue = ["a": 0, "b": .null, "c": 7, "d": [5, 5], "e": 5]
        #expect(TextAnswer(to: request).outcome == .text(expected.text))
    }

    @Test func `free text says what it is, and quotes`() throws {
        let outcome = TextAnswer(to: try Self.request(nil)).outcome
        guard case .text(let text) = outcome else {
            Issue.record("no text")
            return
        }
        #expect(
            text.hasPrefix("I am a simulator, not a language model. The text says: \"My sister")
        )
        let nothing = TextAnswer(to: try Self.request(nil, input: "Hm.")).outcome
        #expect(
            nothing
                == .text(
                    "I am a simulator, not a language model. I found nothing in the text to tell."
                )
        )
    }

    @Test func `an answer longer than its bound is cut off`() throws {
        let outcome = TextAnswer(to: try Self.request(nil, limit: 16)).outcome
        guard case .incomplete(let text, let reason) = outcome else {
            Issue.record("not cut")
            return
        }
        #expect(text.utf8.count == 64)
        #expect(reason == "max_output_tokens")
    }

    private static func request(
        _ schema: JSONValue?,
        input: String = record,
        limit: JSONValue = .null
    ) throws -> TextRequest {
        var body: JSONObject = [
            "model": "m", "input": .string(input), "max_output_tokens": limit,
        ]
        if let schema {
            body["text"] = [
                "format": ["type": "json_schema", "name": "n", "schema": schema, "strict": true]
            ]
        }
        return try TextRequest(JSONReader(body))
    }
}
