import JSON

@testable import RealtimeSimulator

/// Drives a session as its connection would, on a clock of the test's own.
struct SessionDriver {
    var session: RealtimeSession
    var now: Duration = .zero
    /// Everything the session sent, in order.
    var events: [JSONObject] = []
    var close: (code: UInt16, reason: String)?
    var isDropped = false
    var isHungUp = false
    /// What was told to a call's data channel alone.
    var greetings: [JSONObject] = []
    /// The audio that a call's media was given.
    var played: [UInt8] = []
    /// Whether speech is there as soon as it is asked for; 60 ms a word.
    var speaksAtOnce = true
    var pendingSpeech: [SpeechRequest] = []

    static func make(
        _ update: JSONObject? = nil,
        model: String = "gpt-realtime",
        kind: SessionConfiguration.Kind = .realtime,
        pace: Double = 0,
        limitSeconds: Double = 3_600,
        scenario: SocketScenario = SocketScenario(),
        callID: String? = nil
    ) throws -> SessionDriver {
        var configuration = SessionConfiguration(kind: kind, model: model)
        if let update {
            var object: JSONObject = ["type": .string(kind.rawValue)]
            object = object.merging(update)
            try configuration.update(object)
        }
        let environment = RealtimeSession.Environment(
            startedAt: 1_000,
            limitSeconds: limitSeconds,
            pace: pace,
            scenario: scenario,
            callID: callID
        )
        var driver = SessionDriver(
            session: RealtimeSession(
                configuration,
                environment: environment,
                identifiers: Identifiers(seed: 1)
            )
        )
        driver.perform(driver.session.start())
        driver.events = []
        return driver
    }

    /// A session that answers in text.
    static func text(_ update: JSONObject = [:], model: String = "gpt-realtime") throws
        -> SessionDriver
    {
        let text: JSONObject = ["output_modalities": ["text"]]
        return try make(text.merging(update), model: model)
    }

    /// A call, with media unless told otherwise.
    static func call(
        _ update: JSONObject = [:],
        hasMedia: Bool = true,
        pace: Double = 0,
        scenario: SocketScenario = SocketScenario()
    ) throws -> SessionDriver {
        var driver = try make(update, pace: pace, scenario: scenario, callID: "rtc_u0_1")
        if hasMedia { driver.perform(driver.session.mediaBegan(at: driver.now)) }
        return driver
    }

    /// The user's microphone in a call.
    mutating func hear(_ sound: Sound, ms: Int) {
        perform(session.receiveMedia(sound.bytes(ms: ms), at: now))
    }

    mutating func send(_ event: JSONValue) {
        perform(session.receive(event.bytes, at: now))
    }

    mutating func send(_ type: String, _ members: JSONObject = [:]) {
        send(.object(JSONObject(uniqueMembers: [("type", .string(type))] + members.members)))
    }

    mutating func say(_ text: String) {
        send(
            "conversation.item.create",
            [
                "item": [
                    "type": "message", "role": "user",
                    "content": [["type": "input_text", "text": .string(text)]],
                ]
            ]
        )
    }

    /// Appends a tone, which the voice detector takes for speech, or silence.
    mutating func append(_ kind: Sound, ms: Int) {
        send("input_audio_buffer.append", ["audio": .string(kind.base64(ms: ms))])
    }

    /// Lets time pass, waking the session whenever it wants to be.
    mutating func wait(_ duration: Duration) {
        let end = now + duration
        while let due = session.nextDue, due <= end {
            now = max(now, due)
            perform(session.advance(to: now))
        }
        now = end
        perform(session.advance(to: now))
    }

    mutating func perform(_ actions: [SessionAction]) {
        for action in actions {
            switch action {
            case .send(let event): events.append(event)
            case .close(let code, let reason): close = (code, reason)
            case .drop: isDropped = true
            case .greet(let event): greetings.append(event)
            case .play(let bytes): played += bytes
            case .hangUp: isHungUp = true
            case .speak(let request):
                pendingSpeech.append(request)
            }
        }
        if speaksAtOnce { deliverSpeech() }
    }

    mutating func deliverSpeech() {
        let requests = pendingSpeech
        pendingSpeech = []
        for request in requests {
            let words = request.text.split(separator: " ").count
            let audio = [UInt8](repeating: 0, count: 60 * words * request.format.bytesPerMs)
            perform(session.speechIsReady(audio, for: request, at: now))
        }
    }

    // MARK: Looking

    /// The types of all events so far, repeated ones once, which are then forgotten.
    mutating func takeTypes(
        without hidden: Set<String> = []
    ) -> [String] {
        defer { events = [] }
        return events.compactMap { $0["type"]?.stringValue }
            .filter { !hidden.contains($0) }
            .reduce(into: []) { types, type in
                if types.last != type || !type.hasSuffix("delta") { types.append(type) }
            }
    }

    func all(_ type: String) -> [JSONObject] {
        events.filter { $0["type"]?.stringValue == type }
    }

    func last(_ type: String) -> JSONObject? {
        events.last { $0["type"]?.stringValue == type }
    }

    /// The text or transcript of the last answer.
    var answer: String? {
        let item = last("response.done")?["response"]?["output"]?.arrayValue?.first
        let part = item?["content"]?.arrayValue?.first
        return part?["text"]?.stringValue ?? part?["transcript"]?.stringValue
    }

    var error: JSONObject? { last("error")?["error"]?.objectValue }
}

enum Sound {
    case tone, silence

    func base64(ms: Int, format: AudioFormat = .pcm) -> String {
        Base64.encode(bytes(ms: ms, format: format))
    }

    func bytes(ms: Int, format: AudioFormat = .pcm) -> [UInt8] {
        let samples = (0..<ms * format.samplesPerSecond / 1_000).map { index -> Int16 in
            self == .silence ? 0 : (index / 50) % 2 == 0 ? 6_000 : -6_000
        }
        return format.bytes(of: samples)
    }
}
