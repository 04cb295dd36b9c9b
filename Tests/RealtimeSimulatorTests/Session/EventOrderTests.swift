import JSON
import Testing

@testable import RealtimeSimulator

/// One test for each order of events in which a session answers.
@Suite struct EventOrderTests {
    static let textAnswer = [
        "response.created", "response.output_item.added", "conversation.item.added",
        "response.content_part.added", "response.output_text.delta", "response.output_text.done",
        "response.content_part.done", "conversation.item.done", "response.output_item.done",
        "response.done", "rate_limits.updated",
    ]
    static let cutAnswer = [
        "response.output_audio.done", "response.output_audio_transcript.done",
        "response.content_part.done", "conversation.item.done", "response.output_item.done",
        "response.done",
    ]
    static let audioAnswer =
        [
            "response.created", "response.output_item.added", "conversation.item.added",
            "response.content_part.added",
        ] + audioDeltas + cutAnswer + ["rate_limits.updated"]
    /// Transcript and audio in turns; how often depends on their lengths.
    static let audioDeltas = ["response.output_audio_transcript.delta, response.output_audio.delta"]
    static let committedTurn = [
        "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
    ]
    static let transcription = "conversation.item.input_audio_transcription."

    /// Types with each run of audio and transcript deltas as one entry.
    private func types(_ driver: inout SessionDriver) -> [String] {
        driver.takeTypes().filter { !$0.hasPrefix(Self.transcription) }
            .map {
                $0.hasPrefix("response.output_audio") && $0.hasSuffix(".delta")
                    ? Self.audioDeltas[0] : $0
            }
            .reduce(into: []) { types, type in
                if types.last != type || type != Self.audioDeltas[0] { types.append(type) }
            }
    }

    @Test func `a connection begins with session created, and an update is answered`() throws {
        var driver = try SessionDriver.make()
        driver.perform(driver.session.start())
        #expect(driver.takeTypes() == ["session.created"])
        driver.send("session.update", ["session": ["type": "realtime", "instructions": "Hi."]])
        #expect(driver.takeTypes() == ["session.updated"])
    }

    @Test func `a text turn`() throws {
        var driver = try SessionDriver.text()
        driver.say("Hello there")
        #expect(driver.takeTypes() == ["conversation.item.added", "conversation.item.done"])
        driver.send("response.create")
        #expect(types(&driver) == Self.textAnswer)
    }

    @Test(arguments: [1, 7, 20, 100, 5_500])
    func `an audio turn with server voice detection, in pieces of any length`(ms: Int) throws {
        var driver = try SessionDriver.make()
        let stream: [(Sound, Int)] = [(.silence, 500), (.tone, 1_000), (.silence, 600)]
        if ms == 5_500 {
            for (sound, length) in stream { driver.append(sound, ms: length) }
        } else {
            for (sound, length) in stream {
                for _ in 0..<length / ms { driver.append(sound, ms: ms) }
                driver.append(sound, ms: length % ms + 1)
            }
        }
        #expect(
            types(&driver)
                == ["input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"]
                + Self.committedTurn + Self.audioAnswer
        )
    }

    @Test func `transcription floats between the events of the answer`() throws {
        var driver = try SessionDriver.make(
            ["audio": ["input": ["transcription": ["model": "gpt-realtime-whisper"]]]],
            pace: 1
        )
        driver.append(.tone, ms: 1_000)
        driver.append(.silence, ms: 600)
        driver.wait(.seconds(10))
        let names = driver.events.compactMap { $0["type"]?.stringValue }
        let created = try #require(names.firstIndex(of: "response.created"))
        let completed = try #require(names.firstIndex(of: Self.transcription + "completed"))
        let done = try #require(names.firstIndex(of: "response.done"))
        #expect(created < completed && completed < done)
        #expect(names.firstIndex(of: Self.transcription + "delta") ?? Int.max < completed)
    }

    @Test func `push to talk`() throws {
        var driver = try SessionDriver.make(["audio": ["input": ["turn_detection": nil]]])
        driver.send("input_audio_buffer.clear")
        driver.append(.tone, ms: 500)
        driver.send("input_audio_buffer.commit")
        #expect(types(&driver) == ["input_audio_buffer.cleared"] + Self.committedTurn)
        driver.send("response.create")
        #expect(types(&driver) == Self.audioAnswer)
    }

    @Test func `a function call, its output and the answer with it`() throws {
        var driver = try SessionDriver.text(["tools": [Self.weather]])
        driver.say("What is the weather in London?")
        driver.events = []
        driver.send("response.create")
        let call = driver.last("response.function_call_arguments.done")
        #expect(call?["name"] == "get_weather")
        #expect(call?["arguments"] == #"{"city":"London"}"#)
        #expect(
            types(&driver) == [
                "response.created", "response.output_item.added", "conversation.item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "conversation.item.done", "response.output_item.done", "response.done",
                "rate_limits.updated",
            ]
        )
        driver.send(
            "conversation.item.create",
            [
                "item": [
                    "type": "function_call_output", "call_id": call?["call_id"] ?? .null,
                    "output": "It is foggy.",
                ]
            ]
        )
        #expect(types(&driver) == ["conversation.item.added", "conversation.item.done"])
        driver.send("response.create")
        #expect(driver.answer == "The tool get_weather answered: It is foggy.")
        #expect(types(&driver) == Self.textAnswer)
    }

    static let weather: JSONValue = [
        "type": "function", "name": "get_weather", "description": "Look up the weather for a city.",
        "parameters": [
            "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
        ],
    ]

    @Test func `the user talks over the answer`() throws {
        var driver = try SessionDriver.make(pace: 1)
        driver.append(.tone, ms: 1_000)
        driver.append(.silence, ms: 300)
        driver.wait(.milliseconds(560))
        let item = try #require(driver.last("response.output_audio.delta")?["item_id"])
        driver.events = []
        driver.append(.tone, ms: 200)
        driver.send(
            "conversation.item.truncate",
            ["item_id": item, "content_index": 0, "audio_end_ms": 100]
        )
        let response = driver.last("response.done")?["response"]
        #expect(response?["status"] == "cancelled")
        #expect(response?["status_details"]?["reason"] == "turn_detected")
        #expect(response?["usage"]?["output_tokens"]?.integerValue ?? 0 > 0)
        #expect(response?["output"]?.arrayValue?.first?["status"] == "incomplete")
        driver.append(.silence, ms: 300)
        driver.wait(.milliseconds(40))
        #expect(
            types(&driver) == ["input_audio_buffer.speech_started"] + Self.cutAnswer
                + ["input_audio_buffer.speech_stopped"] + Self.committedTurn
                + ["conversation.item.truncated", "response.created"]
        )
    }

    @Test func `a truncation during speech is not lost when the audio is cleared`() throws {
        var driver = try SessionDriver.make()
        driver.say("Hello there")
        driver.send("response.create")
        let item = try #require(driver.last("response.output_item.done")?["item"]?["id"])
        driver.append(.tone, ms: 200)
        driver.events = []
        driver.send(
            "conversation.item.truncate",
            ["item_id": item, "content_index": 0, "audio_end_ms": 100]
        )
        #expect(driver.events.isEmpty)
        driver.send("input_audio_buffer.clear")
        #expect(
            driver.takeTypes() == ["input_audio_buffer.cleared", "conversation.item.truncated"]
        )
    }

    @Test func `a truncation behind the answer is answered at once`() throws {
        var driver = try SessionDriver.make()
        driver.say("Hello there")
        driver.send("response.create")
        let item = try #require(driver.last("response.output_item.done")?["item"]?["id"])
        driver.events = []
        driver.send(
            "conversation.item.truncate",
            ["item_id": item, "content_index": 0, "audio_end_ms": 100]
        )
        #expect(driver.takeTypes() == ["conversation.item.truncated"])
        driver.send("conversation.item.retrieve", ["item_id": item])
        let part = driver.last("conversation.item.retrieved")?["item"]?["content"]?.arrayValue?[0]
        #expect(part?["transcript"] == .null)
        #expect(Base64.decode(part?["audio"]?.stringValue ?? "")?.count == 100 * 48)
    }

    @Test func `an out-of-band response leaves the conversation alone`() throws {
        var driver = try SessionDriver.text()
        driver.say("Hello there")
        driver.events = []
        driver.send(
            "response.create",
            ["response": ["conversation": "none", "metadata": ["topic": "test"], "input": []]]
        )
        let done = driver.last("response.done")?["response"]
        #expect(done?["conversation_id"] == .null)
        #expect(done?["metadata"] == ["topic": "test"])
        #expect(types(&driver) == Self.textAnswer.filter { !$0.hasPrefix("conversation.item") })
        #expect(driver.session.items.count == 1)
    }

    @Test func `an out-of-band response runs beside a normal one`() throws {
        var driver = try SessionDriver.make(["output_modalities": ["text"]], pace: 1)
        driver.say("Hello there")
        driver.send("response.create")
        driver.send("response.create", ["response": ["conversation": "none"]])
        driver.wait(.seconds(5))
        #expect(driver.error == nil)
        #expect(driver.all("response.done").count == 2)
    }

    @Test func `the client cancels`() throws {
        var driver = try SessionDriver.make(pace: 1)
        driver.say("Hello there")
        driver.send("response.create")
        driver.wait(.milliseconds(560))
        driver.events = []
        driver.send("response.cancel")
        let response = driver.last("response.done")?["response"]
        #expect(response?["status_details"]?["reason"] == "client_cancelled")
        #expect(types(&driver) == Self.cutAnswer)
        driver.wait(.seconds(60))
        #expect(driver.events.isEmpty)
    }

    @Test func `a failed response has no item and no error event`() throws {
        var scenario = SocketScenario()
        scenario.answers = [.failure(["type": "server_error", "code": "quota", "message": "No."])]
        var driver = try SessionDriver.make(scenario: scenario)
        driver.send("response.create")
        let response = driver.last("response.done")?["response"]
        #expect(response?["status"] == "failed")
        #expect(response?["status_details"]?["error"]?["code"] == "quota")
        #expect(response?["usage"]?["total_tokens"] == 0)
        #expect(driver.takeTypes() == ["response.created", "response.done"])
    }

    @Test func `an idle user is asked, after playback and the timeout`() throws {
        var driver = try SessionDriver.make([
            "audio": [
                "input": [
                    "transcription": ["model": "gpt-realtime-whisper"],
                    "turn_detection": ["type": "server_vad", "idle_timeout_ms": 5_000],
                ]
            ]
        ])
        driver.say("Hello there")
        driver.send("response.create")
        let audioMs = driver.session.items.last?.audioMs ?? 0
        driver.events = []
        driver.wait(.milliseconds(audioMs + 4_999))
        #expect(driver.events.isEmpty)
        driver.wait(.milliseconds(1))
        let transcript = driver.last(Self.transcription + "completed")
        #expect(transcript?["transcript"] == "")
        #expect(transcript?["usage"] == ["type": "duration", "seconds": 0])
        #expect(
            types(&driver) == [
                "input_audio_buffer.timeout_triggered", "conversation.item.added",
                "conversation.item.done",
            ] + Self.committedTurn + Self.audioAnswer
        )
    }

    @Test(arguments: [SessionConfiguration.Kind.transcription, .realtime])
    func `one model finds turns in realtime sessions only`(
        _ kind: SessionConfiguration.Kind
    ) throws {
        let whisper: JSONObject = ["transcription": ["model": "gpt-realtime-whisper"]]
        for detection in [["type": "server_vad"], nil] as [JSONValue] {
            var driver = try SessionDriver.make(kind: kind)
            var input = whisper
            input["turn_detection"] = detection
            let session: JSONObject = [
                "type": .string(kind.rawValue), "audio": ["input": .object(input)],
            ]
            driver.send("session.update", ["session": .object(session)])
            let isTaken = kind == .realtime || detection == .null
            #expect(driver.takeTypes() == [isTaken ? "session.updated" : "error"])
        }
    }

    @Test func `a transcription session only transcribes`() throws {
        var driver = try SessionDriver.make(
            [
                "audio": [
                    "input": [
                        "turn_detection": nil, "transcription": ["model": "gpt-live-transcribe"],
                    ]
                ]
            ],
            kind: .transcription
        )
        driver.append(.tone, ms: 2_400)
        driver.send("input_audio_buffer.commit")
        let completed = driver.last(Self.transcription + "completed")
        #expect(completed?["transcript"] == "[simulated transcript: 2.4 s of speech]")
        #expect(
            driver.takeTypes() == Self.committedTurn + [
                Self.transcription + "delta", Self.transcription + "completed",
            ]
        )
    }
}
