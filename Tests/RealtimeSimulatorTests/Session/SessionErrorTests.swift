import JSON
import Testing

@testable import RealtimeSimulator

/// The known error codes, each with a client event that earns it.
@Suite struct SessionErrorTests {
    struct Case: Sendable {
        let code: String
        let param: String?
        let event: JSONValue

        init(_ code: String, _ param: String?, _ event: JSONValue) {
            self.code = code
            self.param = param
            self.event = event
        }
    }

    private static func update(_ session: JSONValue) -> JSONValue {
        ["type": "session.update", "session": session]
    }

    private static func message(_ content: JSONValue, role: JSONValue = "user") -> JSONValue {
        [
            "type": "conversation.item.create",
            "item": ["type": "message", "role": role, "content": [content]],
        ]
    }

    static let cases: [Case] = [
        Case("invalid_value", "type", ["type": "transcription_session.update"]),
        Case("invalid_event", nil, ["event_id": "no type"]),
        Case("invalid_event", nil, [1, 2]),
        Case("missing_required_parameter", "session", ["type": "session.update"]),
        Case("missing_required_parameter", "session.type", update(["instructions": "x"])),
        Case("unknown_parameter", "session.bogus", update(["type": "realtime", "bogus": 1])),
        Case("unknown_parameter", "session.voice", update(["type": "realtime", "voice": "ash"])),
        Case(
            "unknown_parameter",
            "session.temperature",
            update(["type": "realtime", "temperature": 0.8])
        ),
        Case("invalid_value", "session.type", update(["type": "transcription"])),
        Case(
            "integer_below_min_value",
            "session.audio.input.format.rate",
            update([
                "type": "realtime",
                "audio": ["input": ["format": ["type": "audio/pcm", "rate": 16_000]]],
            ])
        ),
        Case(
            "unknown_parameter",
            "session.tools[0].strict",
            update([
                "type": "realtime",
                "tools": [["type": "function", "name": "f", "strict": true]],
            ])
        ),
        Case(
            "invalid_value",
            "session.output_modalities",
            update(["type": "realtime", "output_modalities": ["audio", "text"]])
        ),
        Case(
            "string_above_max_length",
            "item.content[0].text",
            message([
                "type": "input_text", "text": .string(String(repeating: "a", count: 256_001)),
            ])
        ),
        Case(
            "invalid_value",
            "item.content[0].type",
            message(["type": "output_audio", "audio": "AAAA"], role: "assistant")
        ),
        Case("input_audio_buffer_commit_empty", nil, ["type": "input_audio_buffer.commit"]),
        Case("invalid_value", "audio", ["type": "input_audio_buffer.append", "audio": "a?b="]),
        Case("response_cancel_not_active", nil, ["type": "response.cancel"]),
        Case(
            "response_cancel_not_active",
            nil,
            ["type": "response.cancel", "response_id": "resp_unknown"]
        ),
        Case(
            "item_truncate_invalid_item_id",
            nil,
            [
                "type": "conversation.item.truncate", "item_id": "x", "content_index": 0,
                "audio_end_ms": 0,
            ]
        ),
        Case(
            "item_delete_invalid_item_id",
            nil,
            ["type": "conversation.item.delete", "item_id": "x"]
        ),
        Case(
            "item_retrieve_invalid_item_id",
            nil,
            ["type": "conversation.item.retrieve", "item_id": "x"]
        ),
        Case(
            "string_above_max_length",
            "response.metadata",
            [
                "type": "response.create",
                "response": ["metadata": ["k": .string(String(repeating: "v", count: 513))]],
            ]
        ),
    ]

    @Test(arguments: cases)
    func `an error names its code and param, and echoes the event id`(each: Case) throws {
        var driver = try SessionDriver.make()
        driver.send(each.event)
        #expect(driver.error?["type"] == "invalid_request_error")
        #expect(driver.error?["code"] == .string(each.code), "\(each.event.text.prefix(200))")
        #expect(driver.error?["param"] == .optional(each.param), "\(each.event.text.prefix(200))")
        guard var object = each.event.objectValue else { return }
        driver.events = []
        object["event_id"] = "client_1"
        driver.send(.object(object))
        if object["type"] != nil { #expect(driver.error?["event_id"] == "client_1") }
        // The session goes on.
        driver.send("input_audio_buffer.clear")
        #expect(driver.takeTypes() == ["error", "input_audio_buffer.cleared"])
    }

    @Test func `what is not JSON, and what is not text, is refused`() throws {
        var driver = try SessionDriver.make()
        driver.perform(driver.session.receive(Array("{".utf8), at: .zero))
        #expect(driver.error?["code"] == "invalid_json")
        driver.perform(driver.session.receiveBinary(at: .zero))
        #expect(driver.error?["code"] == "invalid_event")
    }

    @Test func `a second response has to wait for the first`() throws {
        var driver = try SessionDriver.make(pace: 1)
        driver.send("response.create")
        driver.send("response.create")
        let id = driver.session.responses[0].id
        #expect(driver.error?["code"] == "conversation_already_has_active_response")
        #expect(driver.error?["message"]?.stringValue?.contains(id) == true)
        driver.wait(.seconds(10))
        #expect(driver.all("response.done").count == 1)
        driver.send("response.create")
        #expect(driver.all("error").count == 1)
    }

    @Test func `the voice is locked once there is audio`() throws {
        let change: JSONValue = [
            "type": "realtime", "instructions": "New.", "audio": ["output": ["voice": "cedar"]],
        ]
        var driver = try SessionDriver.make()
        driver.send("session.update", ["session": change])
        #expect(
            driver.last("session.updated")?["session"]?["audio"]?["output"]?["voice"] == "cedar"
        )
        driver.say("Hello there")
        driver.send("response.create")
        driver.send(
            "session.update",
            ["session": ["type": "realtime", "audio": ["output": ["voice": "ash"]]]]
        )
        #expect(driver.error?["code"] == "cannot_update_voice")
        // The same voice is no change.
        driver.events = []
        driver.send("session.update", ["session": change])
        #expect(driver.takeTypes() == ["session.updated"])
    }

    @Test func `a rejected update changes nothing`() throws {
        var driver = try SessionDriver.make(["instructions": "Old."])
        driver.send(
            "session.update",
            ["session": ["type": "realtime", "instructions": "New.", "tool_choice": "sometimes"]]
        )
        #expect(driver.error?["param"] == "session.tool_choice")
        #expect(driver.session.configuration.instructions == "Old.")
    }

    @Test func `text of an assistant cannot be truncated, and audio only where there is some`()
        throws
    {
        var driver = try SessionDriver.text()
        driver.say("Hello there")
        driver.send("response.create")
        let text = driver.session.items[1].id
        driver.send(
            "conversation.item.truncate",
            ["item_id": .string(text), "content_index": 0, "audio_end_ms": 0]
        )
        #expect(driver.error?["code"] == "unsupported_content_type")
        driver.send("response.create", ["response": ["output_modalities": ["audio"]]])
        let audio = driver.session.items[2]
        driver.send(
            "conversation.item.truncate",
            [
                "item_id": .string(audio.id), "content_index": 0,
                "audio_end_ms": .integer(Int64(audio.audioMs) + 1),
            ]
        )
        #expect(
            driver.error?["message"]?.stringValue
                == "Audio content of \(audio.audioMs)ms is already shorter than \(audio.audioMs + 1)ms"
        )
    }

    @Test func `the session's time ends with session_expired and 1001`() throws {
        var driver = try SessionDriver.make(limitSeconds: 120)
        driver.wait(.seconds(119))
        #expect(driver.events.isEmpty)
        driver.wait(.seconds(1))
        #expect(driver.error?["code"] == "session_expired")
        #expect(driver.close?.code == 1_001)
        #expect(driver.close?.reason == driver.error?["message"]?.stringValue)
        #expect(driver.close?.reason.contains("2 minutes") == true)
        driver.send("input_audio_buffer.clear")
        #expect(driver.events.count == 1)
    }
}
