import JSON
import Testing

@testable import RealtimeSimulator

/// What a session does differently in a call.
@Suite struct CallSessionTests {
    private static let quiet: Set<String> = [
        "response.output_audio_transcript.delta",
        "conversation.item.input_audio_transcription.delta",
    ]

    /// A call in which an answer of ten words, 600 ms, has just been made.
    private static func answered(
        hasMedia: Bool = true,
        pace: Double = 0
    ) throws -> SessionDriver {
        var scenario = SocketScenario()
        scenario.answers = [.text("one two three four five six seven eight nine ten")]
        var driver = try SessionDriver.call(hasMedia: hasMedia, pace: pace, scenario: scenario)
        driver.say("Hello")
        driver.events = []
        driver.send("response.create")
        return driver
    }

    @Test func `a call has its session's id, and tells only its data channel that it began`() throws
    {
        let driver = try SessionDriver.call()
        #expect(driver.events.isEmpty)
        #expect(driver.greetings.map { $0["type"] } == ["session.created"])
        #expect(driver.greetings.first?["session"]?["id"] == "sess_u0_1")
        #expect(driver.greetings.first?["session"]?["expires_at"] == 4_600)
    }

    @Test func `speech goes to the media, and its playback is told`() throws {
        var driver = try Self.answered()
        #expect(driver.played.count == 600 * AudioFormat.pcm.bytesPerMs)
        #expect(
            driver.takeTypes(without: Self.quiet) == [
                "response.created", "response.output_item.added", "conversation.item.added",
                "response.content_part.added", "output_audio_buffer.started",
                "response.output_audio.done", "response.output_audio_transcript.done",
                "response.content_part.done", "conversation.item.done",
                "response.output_item.done", "response.done", "rate_limits.updated",
            ]
        )
        driver.wait(.milliseconds(599))
        #expect(driver.events.isEmpty)
        driver.wait(.milliseconds(1))
        #expect(driver.takeTypes() == ["output_audio_buffer.stopped"])
    }

    @Test func `playback starts behind the first words`() throws {
        let driver = try Self.answered()
        let types = driver.events.compactMap { $0["type"]?.stringValue }
        let word = try #require(types.firstIndex(of: "response.output_audio_transcript.delta"))
        let start = try #require(types.firstIndex(of: "output_audio_buffer.started"))
        #expect(word < start)
        let response = driver.last("response.done")?["response"]?["id"]
        #expect(driver.last("output_audio_buffer.started")?["response_id"] == response)
    }

    @Test func `without media nothing is played`() throws {
        var driver = try Self.answered(hasMedia: false)
        driver.wait(.seconds(10))
        let types = driver.takeTypes()
        #expect(driver.played.isEmpty)
        #expect(types.contains("response.output_audio.done"))
        #expect(!types.contains { $0.hasPrefix("output_audio_buffer") })
        #expect(!types.contains("response.output_audio.delta"))
    }

    @Test func `a text answer plays nothing`() throws {
        var driver = try SessionDriver.call(["output_modalities": ["text"]])
        driver.say("Hello")
        driver.events = []
        driver.send("response.create")
        driver.wait(.seconds(10))
        #expect(!driver.takeTypes().contains { $0.hasPrefix("output_audio_buffer") })
    }

    @Test func `the microphone is PCM, whatever the session's format is`() throws {
        let telephone: JSONValue = ["format": ["type": "audio/pcmu"]]
        var driver = try SessionDriver.call(["audio": ["input": telephone, "output": telephone]])
        driver.hear(.tone, ms: 1_000)
        driver.hear(.silence, ms: 400)
        #expect(driver.last("input_audio_buffer.speech_stopped")?["audio_end_ms"] != nil)
        let words = try #require(driver.answer).split(separator: " ").count
        #expect(driver.played.count == 60 * words * AudioFormat.pcm.bytesPerMs)
    }

    @Test func `speaking over an answer that is made already cuts what is played`() throws {
        var driver = try Self.answered()
        driver.wait(.milliseconds(200))
        driver.events = []
        driver.hear(.tone, ms: 200)
        #expect(
            driver.takeTypes() == [
                "input_audio_buffer.speech_started", "output_audio_buffer.cleared",
                "conversation.item.truncated",
            ]
        )
        driver.wait(.seconds(5))
        #expect(!driver.takeTypes().contains("output_audio_buffer.stopped"))
    }

    @Test func `speaking over an answer that is being made cancels and truncates it`() throws {
        var driver = try Self.answered(pace: 1)
        driver.wait(.milliseconds(490))
        #expect(driver.last("output_audio_buffer.started") != nil)
        #expect(driver.last("response.done") == nil)
        driver.events = []
        driver.hear(.tone, ms: 200)
        #expect(
            driver.takeTypes() == [
                "input_audio_buffer.speech_started", "output_audio_buffer.cleared",
                "response.output_audio.done", "response.output_audio_transcript.done",
                "response.content_part.done", "conversation.item.done",
                "response.output_item.done", "response.done", "conversation.item.truncated",
            ]
        )
    }

    @Test func `a truncation says what was heard, and forgets the words`() throws {
        var driver = try Self.answered()
        driver.wait(.milliseconds(250))
        driver.hear(.tone, ms: 200)
        let truncated = driver.last("conversation.item.truncated")
        #expect(truncated?["audio_end_ms"] == 250)
        let item = driver.session.items.last { $0.id == truncated?["item_id"]?.stringValue }
        #expect(item?.audioMs == 250)
        #expect(item?.text == "")
    }

    @Test func `where speech does not interrupt, playback goes on`() throws {
        var driver = try Self.answered()
        driver.send(
            "session.update",
            [
                "session": [
                    "type": "realtime",
                    "audio": [
                        "input": [
                            "turn_detection": ["type": "server_vad", "interrupt_response": false]
                        ]
                    ],
                ]
            ]
        )
        driver.hear(.tone, ms: 200)
        #expect(driver.last("output_audio_buffer.cleared") == nil)
        driver.wait(.milliseconds(600))
        #expect(driver.last("output_audio_buffer.stopped") != nil)
    }

    @Test func `clearing stops playback at once, and is for calls only`() throws {
        var driver = try Self.answered()
        driver.wait(.milliseconds(100))
        driver.events = []
        driver.send("output_audio_buffer.clear")
        #expect(
            driver.takeTypes() == ["output_audio_buffer.cleared", "conversation.item.truncated"]
        )
        driver.send("output_audio_buffer.clear")
        driver.wait(.seconds(1))
        #expect(driver.events.isEmpty)
        var socket = try SessionDriver.make()
        socket.send("output_audio_buffer.clear")
        #expect(socket.error?["code"] == "invalid_value")
        #expect(socket.error?["message"]?.stringValue?.contains("output_audio_buffer") == true)
        #expect(
            socket.error?["message"]?.stringValue?.contains("'output_audio_buffer.clear',") == false
        )
    }

    @Test func `what is cleared while it is made is not played later`() throws {
        var driver = try Self.answered(pace: 1)
        driver.wait(.milliseconds(490))
        driver.send("output_audio_buffer.clear")
        let played = driver.played.count
        driver.events = []
        driver.wait(.seconds(5))
        #expect(driver.played.count == played)
        #expect(driver.last("response.done") != nil)
        #expect(driver.last("output_audio_buffer.stopped") == nil)
    }

    @Test func `two answers are played one after the other`() throws {
        var scenario = SocketScenario()
        scenario.answers = [.text("one two"), .text("three four five")]
        var driver = try SessionDriver.call(scenario: scenario)
        driver.send("response.create")
        driver.send("response.create")
        driver.events = []
        driver.wait(.milliseconds(119))
        #expect(driver.events.isEmpty)
        driver.wait(.milliseconds(1))
        #expect(
            driver.takeTypes() == ["output_audio_buffer.stopped", "output_audio_buffer.started"]
        )
        driver.wait(.milliseconds(180))
        #expect(driver.takeTypes() == ["output_audio_buffer.stopped"])
    }

    @Test func `an idle caller is asked after playback`() throws {
        var driver = try SessionDriver.call([
            "audio": [
                "input": ["turn_detection": ["type": "server_vad", "idle_timeout_ms": 5_000]]
            ]
        ])
        driver.say("Hello there")
        driver.send("response.create")
        driver.wait(.milliseconds((driver.session.items.last?.audioMs ?? 0) + 4_999))
        #expect(driver.last("input_audio_buffer.timeout_triggered") == nil)
        #expect(driver.last("output_audio_buffer.stopped") != nil)
        driver.wait(.milliseconds(1))
        #expect(driver.last("input_audio_buffer.timeout_triggered") != nil)
    }

    @Test func `a call ends with its time, or is hung up by a script`() throws {
        var scenario = SocketScenario()
        scenario.expireAfterSeconds = 5
        var driver = try SessionDriver.call(scenario: scenario)
        #expect(driver.greetings.first?["session"]?["expires_at"] == 1_005)
        driver.wait(.seconds(5))
        #expect(driver.error?["code"] == "session_expired")
        #expect(driver.close?.code == 1_001)
        scenario = SocketScenario()
        scenario.hangsUpAfterEvents = 2
        driver = try SessionDriver.call(scenario: scenario)
        driver.say("Hello")
        driver.say("Hello?")
        #expect(driver.isHungUp)
        #expect(driver.events.count == 2)
    }
}
