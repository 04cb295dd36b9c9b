import JSON
import Testing

@testable import SessionBroker

@Suite struct BetaDialectTests {
    private static let flat: JSONObject = [
        "modalities": ["text", "audio"], "instructions": "Be kind.", "voice": "alloy",
        "input_audio_format": "pcm16", "output_audio_format": "g711_ulaw",
        "input_audio_transcription": ["model": "whisper-1"],
        "turn_detection": ["type": "server_vad"], "tools": [], "temperature": 0.8,
        "max_response_output_tokens": "inf", "speed": 1.1,
    ]
    private static let nested: JSONObject = [
        "type": "realtime", "output_modalities": ["audio"], "instructions": "Be kind.",
        "audio": [
            "input": [
                "format": ["type": "audio/pcm", "rate": 24_000],
                "transcription": ["model": "whisper-1"], "turn_detection": ["type": "server_vad"],
            ],
            "output": ["format": ["type": "audio/pcmu"], "voice": "alloy", "speed": 1.1],
        ],
        "tools": [], "max_output_tokens": "inf",
    ]

    private static func update(_ session: JSONObject, _ type: String = "session.update")
        -> JSONObject
    {
        ["type": .string(type), "event_id": "e", "session": .object(session)]
    }

    private static func spoken(_ event: JSONObject) -> BetaDialect.Spoken {
        BetaDialect.spoken(event["type"]?.stringValue ?? "") { event }
    }

    @Test func `flat settings become today's`() {
        #expect(BetaDialect.forUpstream(Self.update(Self.flat)) == Self.update(Self.nested))
    }

    @Test func `today's settings stay as they are`() {
        #expect(BetaDialect.forUpstream(Self.update(Self.nested)) == nil)
        #expect(BetaDialect.forUpstream(Self.update(["type": "realtime"])) == nil)
    }

    @Test func `settings without a type are a realtime session's`() {
        #expect(
            BetaDialect.forUpstream(Self.update(["instructions": "x"]))
                == Self.update(["instructions": "x", "type": "realtime"])
        )
    }

    @Test func `a transcription session is updated in today's words`() {
        let update = Self.update(
            ["input_audio_transcription": ["model": "whisper-1"]],
            "transcription_session.update"
        )
        #expect(
            BetaDialect.forUpstream(update)
                == Self.update([
                    "type": "transcription",
                    "audio": ["input": ["transcription": ["model": "whisper-1"]]],
                ])
        )
    }

    @Test(arguments: [("assistant", "output_text"), ("user", "input_text")])
    func `texts of items get today's names`(role: String, type: String) {
        func event(_ type: String) -> JSONObject {
            [
                "type": "conversation.item.create",
                "item": [
                    "type": "message", "role": .string(role),
                    "content": [["type": .string(type), "text": "x"]],
                ],
            ]
        }
        #expect(BetaDialect.forUpstream(event("text")) == event(type))
        #expect(BetaDialect.forUpstream(event(type)) == nil)
    }

    @Test func `a response is asked for in today's words`() {
        #expect(
            BetaDialect.forUpstream([
                "type": "response.create", "response": ["modalities": ["text"], "temperature": 1],
            ])
                == ["type": "response.create", "response": ["output_modalities": ["text"]]]
        )
        #expect(BetaDialect.forUpstream(["type": "response.create"]) == nil)
    }

    @Test(arguments: [
        ("response.output_text.delta", "response.text.delta"),
        ("response.output_audio.delta", "response.audio.delta"),
        ("response.output_audio_transcript.done", "response.audio_transcript.done"),
    ])
    func `pieces of answers are told under their old names`(name: String, beta: String) {
        #expect(Self.spoken(["type": .string(name)]) == .renamed(beta))
    }

    @Test func `items are created, and their end is not told`() {
        func event(_ type: String, _ part: String, _ extra: JSONObject = [:]) -> JSONObject {
            let item: JSONObject = ["id": "a", "content": [["type": .string(part)]]]
            return ["type": .string(type), "item": .object(item.merging(extra))]
        }
        #expect(
            Self.spoken(event("conversation.item.added", "output_audio"))
                == .changed(
                    event("conversation.item.created", "audio", ["object": "realtime.item"])
                )
        )
        #expect(Self.spoken(event("conversation.item.done", "output_text")) == .nothing)
    }

    @Test func `a session is told flat`() {
        guard
            case .changed(let event) = Self.spoken([
                "type": "session.updated", "session": .object(Self.nested),
            ])
        else {
            Issue.record("the event was not changed")
            return
        }
        var expected = Self.flat
        expected["temperature"] = nil
        expected["modalities"] = ["audio", "text"]
        #expect(event["session"] == .object(expected))
    }

    @Test func `all else is told as it is`() {
        #expect(Self.spoken(["type": "input_audio_buffer.committed"]) == .asItIs)
        #expect(Self.spoken(["type": "error"]) == .asItIs)
    }

    @Test func `a type is changed in place`() {
        let event = Array(#"{ "a":"\"type\"", "type" : "b.c","d":1 }"#.utf8)
        let renamed = EventPeek.renamed(event, to: "x")
        #expect(renamed == Array(#"{ "a":"\"type\"", "type" : "x","d":1 }"#.utf8))
        #expect(EventPeek.renamed(Array("{}".utf8), to: "x") == nil)
    }
}
