import JSON
import Testing

@testable import RealtimeSimulator

/// Drives a translation session on a clock of the test's own.
private struct TranslationDriver {
    var session: TranslationSession
    var now: Duration = .zero
    var events: [JSONObject] = []
    var close: (code: UInt16, reason: String)?
    var isDropped = false

    init(
        pace: Double = 0,
        hearsTones: Bool = true,
        limitSeconds: Double = 3_600,
        script: JSONValue = [:]
    ) throws {
        let player = ScenarioPlayer(try Scenario(["sockets": [script]]))
        let environment = TranslationSession.Environment(
            startedAt: 1_000,
            limitSeconds: limitSeconds,
            pace: pace,
            hearsTones: hearsTones
        ) {
            player.nextSocket(.translation, language: $0)
        }
        session = TranslationSession(
            TranslationSettings(model: "gpt-realtime-translate"),
            environment,
            Identifiers(seed: 1)
        )
        perform(session.start())
    }

    mutating func send(_ type: String, _ members: JSONObject = [:]) {
        let event = JSONObject(uniqueMembers: [("type", .string(type))] + members.members)
        perform(session.receive(JSONValue.object(event).bytes, at: now))
    }

    mutating func translate(to language: String, transcribes: Bool = false) {
        let transcription: JSONValue = transcribes ? ["model": "gpt-live-transcribe"] : .null
        send(
            "session.update",
            [
                "session": [
                    "audio": [
                        "input": ["transcription": transcription],
                        "output": ["language": .string(language)],
                    ]
                ]
            ]
        )
    }

    mutating func speak(_ words: [Int], pauseMs: Int = 400) {
        var samples = words.flatMap { ToneLanguage.samples(of: $0, ms: 200) }
        samples += [Int16](repeating: 0, count: 24 * pauseMs)
        send(
            "session.input_audio_buffer.append",
            ["audio": .string(Base64.encode(AudioFormat.pcm.bytes(of: samples)))]
        )
    }

    mutating func wait(_ time: Duration) {
        now += time
        perform(session.advance(to: now))
    }

    private mutating func perform(_ actions: [SessionAction]) {
        for action in actions {
            switch action {
            case .send(let event): events.append(event)
            case .close(let code, let reason): close = (code, reason)
            case .drop: isDropped = true
            default: break
            }
        }
    }

    func text(_ type: String = "session.output_transcript.delta") -> String {
        events.filter { $0["type"]?.stringValue == type }
            .compactMap { $0["delta"]?.stringValue }.joined()
    }

    var types: [String] { events.compactMap { $0["type"]?.stringValue } }
}

struct TranslationSessionTests {
    @Test func `what was said comes in the other language, word by word`() throws {
        var driver = try TranslationDriver()
        driver.translate(to: "es", transcribes: true)
        driver.speak([0, 1])
        #expect(driver.types.prefix(2) == ["session.created", "session.updated"])
        #expect(driver.text() == "Hola todos. ")
        #expect(driver.text("session.input_transcript.delta") == "Hello everybody. ")
        let delta = driver.events.first {
            $0["type"]?.stringValue == "session.output_transcript.delta"
        }
        #expect(delta?["elapsed_ms"]?.integerValue == 200)
        let audio = driver.events.filter {
            $0["type"]?.stringValue == "session.output_audio.delta"
        }
        #expect(audio.count == 2)
        #expect(audio.first?["sample_rate"]?.integerValue == 24_000)
    }

    @Test func `the session object has upstream's form`() throws {
        var driver = try TranslationDriver()
        driver.translate(to: "fr")
        let session = driver.events.last?["session"]
        #expect(session?["type"] == "translation")
        #expect(session?["expires_at"] == 4_600)
        #expect(session?["audio"]?["output"]?["language"] == "fr")
        #expect(session?["audio"]?["input"]?["transcription"] == JSONValue.null)
    }

    @Test func `close says what is left before it is closed`() throws {
        var driver = try TranslationDriver(pace: 1)
        driver.translate(to: "de")
        driver.speak([2], pauseMs: 0)
        driver.send("session.close")
        #expect(driver.text().isEmpty)
        driver.wait(.seconds(1))
        #expect(driver.text() == "Willkommen. ")
        #expect(driver.types.last == "session.closed")
        #expect(driver.close?.code == 1_000)
    }

    @Test func `events of other sessions are refused, and the session goes on`() throws {
        var driver = try TranslationDriver()
        driver.send("response.create")
        #expect(driver.events.last?["error"]?["code"] == "invalid_value")
        driver.send("session.update", ["session": ["model": "other"]])
        #expect(driver.events.last?["error"]?["code"] == "unknown_parameter")
        driver.translate(to: "es")
        driver.speak([9])
        #expect(driver.text() == "Agua. ")
    }

    @Test func `its time is up as that of others`() throws {
        var driver = try TranslationDriver(limitSeconds: 60)
        driver.wait(.seconds(61))
        #expect(driver.events.last?["error"]?["code"] == "session_expired")
        #expect(driver.close?.code == 1_001)
    }

    @Test func `a script's entry is for a language`() throws {
        let script: JSONValue = [
            "type": "translation", "language": "es", "drop_after_events": 3,
            "error": ["code": "rate_limit_exceeded"], "close": ["code": 1_013],
        ]
        var spanish = try TranslationDriver(script: script)
        spanish.translate(to: "es")
        spanish.speak([0, 1])
        #expect(spanish.events.last?["error"]?["code"] == "rate_limit_exceeded")
        #expect(spanish.close?.code == 1_013)
        var german = try TranslationDriver(script: script)
        german.translate(to: "de")
        german.speak([0, 1])
        #expect(german.close == nil)
        #expect(german.text() == "Hallo alle. ")
    }

    @Test func `a slow language comes late`() throws {
        var driver = try TranslationDriver(
            script: ["type": "translation", "delay_ms": 5_000]
        )
        driver.translate(to: "es")
        driver.speak([0])
        driver.wait(.seconds(4))
        #expect(driver.text().isEmpty)
        driver.wait(.seconds(2))
        #expect(driver.text() == "Hola. ")
    }

    @Test func `speech that is no tones is said to be simulated`() throws {
        var driver = try TranslationDriver(hearsTones: false)
        driver.translate(to: "es")
        driver.speak([0, 1, 2, 3], pauseMs: 1_000)
        #expect(driver.text() == "[simulated translation to es: 0.8 s of speech] ")
    }

    @Test func `each word has its pitch`() {
        for word in ToneLanguage.words.indices {
            let samples = ToneLanguage.samples(of: word, ms: 200)
            #expect(ToneRecognizer.words(of: samples) == [word])
        }
    }

    @Test(arguments: [(20, 1), (80, 1), (120, 2), (300, 2)])
    func `a word outlives a dropout, and is another one behind a gap`(ms: Int, count: Int) {
        let word = ToneLanguage.samples(of: 5, ms: 200)
        let silence = [Int16](repeating: 0, count: 24 * ms)
        let heard = ToneRecognizer.words(of: word + silence + word)
        #expect(heard == [Int](repeating: 5, count: count))
    }

    @Test func `a transcription session understands tones while they are spoken`() throws {
        var configuration = SessionConfiguration(kind: .transcription)
        configuration.transcription = ["model": "gpt-live-transcribe"]
        var session = RealtimeSession(
            configuration,
            environment: .init(pace: 0, hearsTones: true),
            identifiers: Identifiers(seed: 1)
        )
        _ = session.start()
        var events: [JSONObject] = []
        func append(_ samples: [Int16]) {
            let audio = Base64.encode(AudioFormat.pcm.bytes(of: samples))
            let event: JSONValue = [
                "type": "input_audio_buffer.append", "audio": .string(audio),
            ]
            for case .send(let event) in session.receive(event.bytes, at: .zero) {
                events.append(event)
            }
        }
        append([0, 1, 9].flatMap { ToneLanguage.samples(of: $0, ms: 200) })
        let name = "conversation.item.input_audio_transcription"
        let deltas = events.filter { $0["type"]?.stringValue == "\(name).delta" }
        #expect(
            deltas.compactMap { $0["delta"]?.stringValue } == ["hello ", "everybody ", "water "]
        )
        append([Int16](repeating: 0, count: 24_000))
        let completed = events.last { $0["type"]?.stringValue == "\(name).completed" }
        #expect(completed?["transcript"] == "Hello everybody water.")
        #expect(completed?["item_id"] == deltas.first?["item_id"])
    }
}
