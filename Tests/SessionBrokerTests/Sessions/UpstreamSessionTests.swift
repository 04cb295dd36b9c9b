import ContextStore
import JSON
import Testing

@testable import SessionBroker

@Suite struct UpstreamSessionTests {
    private let defaults = SessionDefaults(
        model: "gpt-realtime-2.1",
        voice: "marin",
        instructions: "Be helpful.",
        transcriptionModel: "gpt-live-transcribe"
    )

    private func session(_ body: JSONValue) throws -> UpstreamSession {
        let request = try SessionRequest(JSONReader(of: body))
        return UpstreamSession(request, agent: nil, defaults: defaults)
    }

    @Test func `everything that matters is sent explicitly`() throws {
        let fields = try session([:]).fields
        #expect(
            JSONValue.object(fields) == [
                "type": "realtime",
                "model": "gpt-realtime-2.1",
                "output_modalities": ["audio"],
                "instructions": "Be helpful.",
                "audio": [
                    "input": [
                        "format": ["type": "audio/pcm", "rate": 24_000],
                        "transcription": ["model": "gpt-live-transcribe"],
                        "turn_detection": [
                            "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300,
                            "silence_duration_ms": 500, "create_response": true,
                            "interrupt_response": true,
                        ],
                    ],
                    "output": ["format": ["type": "audio/pcm", "rate": 24_000], "voice": "marin"],
                ],
                "tools": [],
                "tool_choice": "auto",
            ]
        )
    }

    @Test func `raw fields win over shorthands, and unknown ones pass`() throws {
        let made = try session([
            "voice": "ash", "model": "short", "instructions": "short",
            "session": [
                "model": "raw", "instructions": "raw", "brand_new": ["x": 1],
                "audio": ["output": ["voice": "cedar", "speed": 1.2]],
            ],
        ])
        #expect(made.model == "raw" && made.instructions == "raw" && made.voice == "cedar")
        #expect(made.fields["brand_new"] == ["x": 1])
        let output = made.fields["audio"]?["output"]
        #expect(output?["speed"] == 1.2)
        #expect(output?["format"] == ["type": "audio/pcm", "rate": 24_000])
    }

    @Test func `another turn detection replaces the default whole`() throws {
        for detection in [["type": "semantic_vad"], nil] as [JSONValue] {
            let made = try session([
                "session": ["audio": ["input": ["turn_detection": detection]]]
            ])
            #expect(made.fields["audio"]?["input"]?["turn_detection"] == detection)
        }
    }

    @Test func `transcription stays on unless it is turned off, and always has a model`() throws {
        let language = try session([
            "session": ["audio": ["input": ["transcription": ["language": "es"]]]]
        ])
        #expect(
            language.fields["audio"]?["input"]?["transcription"] == [
                "language": "es", "model": "gpt-live-transcribe",
            ]
        )
        let off = try session(["session": ["audio": ["input": ["transcription": nil]]]])
        #expect(off.fields["audio"]?["input"]?["transcription"] == JSONValue.null)
    }

    @Test func `what is the broker's alone in a tool is not sent`() throws {
        let made = try session([
            "tools": [
                [
                    "type": "function", "name": "weather", "parameters": ["type": "object"],
                    "x_broker": ["url": "https://internal.example"],
                ]
            ]
        ])
        #expect(
            made.fields["tools"] == [
                ["type": "function", "name": "weather", "parameters": ["type": "object"]]
            ]
        )
    }

    @Test func `a transcription session has no model, voice or tools`() throws {
        let made = try session(["type": "transcription"])
        #expect(Set(made.fields.members.map(\.key)) == ["type", "audio"])
        #expect(made.fields["type"] == "transcription")
        #expect(made.model == nil && made.voice == nil)
    }

    @Test func `an agent's settings stand between the defaults and the request`() throws {
        let agent = Agent.make(model: "agent-model", voice: "sage", instructions: "Agent.")
        let request = try SessionRequest(JSONReader(of: ["voice": "ash"]))
        let made = UpstreamSession(request, agent: agent, defaults: defaults)
        #expect(made.model == "agent-model" && made.voice == "ash")
        #expect(made.instructions == "Agent.")
    }

    @Test func `a raw session may have tools of kinds that are not known here`() throws {
        let tool: JSONValue = ["type": "web_search", "depth": 2]
        #expect(try session(["session": ["tools": [tool]]]).fields["tools"] == [tool])
        let body: JSONValue = ["session": ["tools": [["type": "web_search", "x_broker": [:]]]]]
        let error = #expect(throws: JSONError.self) { try SessionRequest(JSONReader(of: body)) }
        #expect(error?.param == "session.tools[0].type")
    }

    @Test(
        arguments: [
            (["voise": "x"], "voise"), (["voice": 3], "voice"),
            (["tools": [["type": "x"]]], "tools[0].type"),
            (["tools": [["type": "function"]]], "tools[0].name"),
            (["transport": "carrier"], "transport"),
            (["context": ["max_tokens": 9_000]], "context.max_tokens"),
            (["context": ["budget": 1]], "context.budget"), (["session": []], "session"),
            (["expires_after_seconds": 9], "expires_after_seconds"),
            (["agent_id": "x"], "agent_id"),
            (["conversation_id": "agent_1"], "conversation_id"),
            (["tool_choice": "maybe"], "tool_choice"),
            (["session": ["type": "translation"]], "session.type"), (["greeting": ""], "greeting"),
        ] as [(JSONValue, String)]
    )
    func `a wrong field is named`(body: JSONValue, param: String) throws {
        let error = #expect(throws: JSONError.self) {
            try SessionRequest(JSONReader(of: body))
        }
        #expect(error?.param == param)
    }
}
