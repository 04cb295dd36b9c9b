import JSON
import Testing

@testable import SessionBroker

@Suite struct SessionSettingsTests {
    private static let first: JSONObject = [
        "type": "realtime", "instructions": "a",
        "audio": [
            "input": ["turn_detection": ["type": "server_vad"], "format": "f"],
            "output": ["voice": "marin"],
        ],
    ]

    private static func update(_ session: JSONObject, id: String? = nil) -> JSONObject {
        ["type": "session.update", "event_id": .optional(id), "session": .object(session)]
    }

    @Test func `an update counts once it is confirmed`() {
        var settings = SessionSettings(Self.first)
        settings.willSend(Self.update(["instructions": "b"]))
        #expect(settings.fields["instructions"] == "a")
        settings.confirmed()
        #expect(settings.fields["instructions"] == "b")
    }

    @Test func `a refused update is forgotten, by its id or by what it is about`() {
        var settings = SessionSettings(Self.first)
        settings.willSend(Self.update(["instructions": "b"], id: "e1"))
        settings.willSend(Self.update(["instructions": "c"]))
        settings.willSend(Self.update(["instructions": "d"], id: "e3"))
        settings.refused(["error": ["event_id": "e1", "param": "session.x"]])
        settings.refused(["error": ["event_id": .null, "param": "session.x"]])
        settings.refused(["error": ["event_id": "other", "param": "item"]])
        settings.refused(["error": ["code": "no_such_item", "param": "item_id"]])
        settings.confirmed()
        #expect(settings.fields["instructions"] == "d")
        settings.willSend(Self.update(["instructions": "e"]))
        settings.refused(["error": ["code": "cannot_update_voice", "param": .null]])
        settings.refused(["error": ["code": "cannot_update_voice", "param": .null]])
        #expect(settings.unconfirmed.isEmpty)
    }

    @Test func `parts of the audio merge, all else is replaced`() {
        var settings = SessionSettings(Self.first)
        settings.willSend(
            Self.update([
                "audio": ["input": ["turn_detection": ["type": "semantic_vad"]]], "tools": [1],
            ])
        )
        settings.confirmed()
        #expect(
            settings.fields["audio"] == [
                "input": ["turn_detection": ["type": "semantic_vad"], "format": "f"],
                "output": ["voice": "marin"],
            ]
        )
        #expect(settings.fields["tools"] == [1])
    }

    @Test func `turns are answered unless that is switched off`() {
        var settings = SessionSettings(Self.first)
        #expect(settings.answersTurns)
        for detection: JSONValue in [.null, ["type": "server_vad", "create_response": false]] {
            settings.willSend(Self.update(["audio": ["input": ["turn_detection": detection]]]))
            settings.confirmed()
            #expect(!settings.answersTurns)
        }
    }

    @Test func `upstream finds turns unless that is switched off`() {
        var settings = SessionSettings(Self.first)
        #expect(settings.detectsTurns)
        settings.willSend(Self.update(["audio": ["input": ["turn_detection": .null]]]))
        settings.confirmed()
        #expect(!settings.detectsTurns)
    }

    @Test func `another upstream session begins with what it was opened with`() {
        var settings = SessionSettings(Self.first)
        settings.willSend(Self.update(["voice": "b"]))
        settings.took(over: ["instructions": "z"], nil)
        #expect(settings.fields == ["instructions": "z"])
        #expect(settings.unconfirmed == [Self.update(["voice": "b"])])
        settings.confirmed()
        #expect(settings.fields == ["instructions": "z", "voice": "b"])
        #expect(settings.unconfirmed.isEmpty)
    }

    @Test func `what the broker tells the next one is confirmed before what the client said`() {
        var settings = SessionSettings(Self.first)
        settings.willSend(Self.update(["voice": "b"]))
        settings.took(over: ["voice": "a"], Self.update(["voice": "a"], id: "own"))
        #expect(settings.unconfirmed == [Self.update(["voice": "b"])])
        settings.confirmed()
        #expect(settings.fields == ["voice": "a"])
        settings.confirmed()
        #expect(settings.fields == ["voice": "b"])
    }

    @Test func `an update that is too large is not kept, but counted`() {
        var settings = SessionSettings(Self.first)
        settings.willSend(
            Self.update(["voice": "b"], id: "e1"),
            bytes: SessionSettings.maximumBytes + 1
        )
        settings.willSend(Self.update(["voice": "c"]))
        #expect(settings.unconfirmed == [Self.update(["voice": "c"])])
        settings.confirmed()
        #expect(settings.fields == Self.first)
        settings.confirmed()
        #expect(settings.fields["voice"] == "c")
    }
}
