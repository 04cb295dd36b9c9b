import JSON
import Testing

@testable import SessionBroker

@Suite struct UnconfirmedEventsTests {
    private static func create(_ id: String? = nil, eventID: String? = nil) -> JSONValue {
        [
            "type": "conversation.item.create", "event_id": .optional(eventID),
            "item": ["id": .optional(id), "type": "message", "role": "user"],
        ]
    }

    private static func make(_ events: [JSONValue]) -> UnconfirmedEvents {
        var unconfirmed = UnconfirmedEvents()
        for event in events {
            unconfirmed.sent(event["type"]?.stringValue ?? "", event, event.bytes)
        }
        return unconfirmed
    }

    private static func added(_ id: String, _ fields: JSONObject = [:]) -> JSONValue {
        var item = fields
        item["id"] = .string(id)
        return ["item": .object(item)]
    }

    @Test func `items are confirmed in the order in which they were sent`() {
        var unconfirmed = Self.make([Self.create(), Self.create(eventID: "second")])
        unconfirmed.heard("conversation.item.added", Self.added("a", ["status": "completed"]))
        #expect(unconfirmed.events == [Self.create(eventID: "second").bytes])
        unconfirmed.heard("conversation.item.added", Self.added("b", ["status": "completed"]))
        #expect(unconfirmed.isEmpty)
    }

    @Test func `an item with an id of the client's is confirmed by that`() {
        var unconfirmed = Self.make([Self.create("x"), Self.create("y")])
        unconfirmed.heard("conversation.item.added", Self.added("y"))
        #expect(unconfirmed.events == [Self.create("x").bytes])
        unconfirmed.heard("conversation.item.added", Self.added("z"))
        #expect(!unconfirmed.isEmpty)
    }

    @Test func `what upstream makes itself confirms nothing`() {
        var unconfirmed = Self.make([Self.create()])
        unconfirmed.heard("conversation.item.added", Self.added("a", ["status": "in_progress"]))
        unconfirmed.heard(
            "conversation.item.added",
            Self.added("b", ["content": [["type": "input_audio", "transcript": .null]]])
        )
        #expect(!unconfirmed.isEmpty)
    }

    @Test func `audio of the client's is confirmed without the audio`() {
        let audio: JSONObject = ["content": [["type": "input_audio", "transcript": .null]]]
        var unconfirmed = Self.make([
            Self.create(),
            [
                "type": "conversation.item.create",
                "item": ["role": "user", "content": [["type": "input_audio", "audio": "AAAA"]]],
            ],
        ])
        unconfirmed.heard("input_audio_buffer.committed", ["item_id": "said"])
        unconfirmed.heard("conversation.item.added", Self.added("said", audio))
        #expect(unconfirmed.events.count == 2)
        unconfirmed.heard("conversation.item.added", Self.added("b", audio))
        #expect(unconfirmed.events == [Self.create().bytes])
    }

    @Test func `a refused item without a name is not taken for the next one`() {
        var unconfirmed = Self.make([Self.create(), Self.create(eventID: "second")])
        unconfirmed.heard("error", ["error": ["event_id": .null, "param": "session.voice"]])
        #expect(unconfirmed.events.count == 2)
        unconfirmed.heard("error", ["error": ["event_id": .null, "param": "item.content[0].text"]])
        #expect(unconfirmed.events == [Self.create(eventID: "second").bytes])
    }

    @Test func `what upstream refused is not sent again`() {
        var unconfirmed = Self.make([
            Self.create(eventID: "e1"), ["type": "response.create", "event_id": "e2"],
        ])
        unconfirmed.heard("error", ["error": ["event_id": "e1"]])
        unconfirmed.heard("error", ["error": ["event_id": "e2"]])
        #expect(unconfirmed.isEmpty)
        #expect(unconfirmed.responseRequest == nil)
    }

    @Test func `a request is kept until the response says something`() {
        let request: JSONValue = ["type": "response.create", "response": ["instructions": "x"]]
        var unconfirmed = Self.make([request])
        #expect(unconfirmed.responseRequest == request.bytes)
        unconfirmed.heard("response.created", ["response": ["id": "r"]])
        #expect(unconfirmed.responseRequest == request.bytes)
        unconfirmed.heard("response.output_item.added", ["response_id": "r"])
        #expect(unconfirmed.responseRequest == nil)
    }

    @Test func `a response out of band is nobody's turn`() {
        let request: JSONValue = ["type": "response.create", "response": ["conversation": "none"]]
        #expect(Self.make([request]).responseRequest == nil)
    }

    @Test func `beyond the bounds the oldest items are given up`() {
        let many = (0..<100).map { Self.create("item\($0)") }
        let kept = Self.make(many).events
        #expect(kept.count == UnconfirmedEvents.maximumItems)
        #expect(kept.last == many.last?.bytes)
    }
}
