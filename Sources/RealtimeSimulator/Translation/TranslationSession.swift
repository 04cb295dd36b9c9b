internal import JSON

/// One translation session, as a value: continuous, without turns and responses.
///
/// It translates the ``ToneLanguage`` by its dictionary, where the script lets it hear tones; of any
/// other speech it says only how long it was.
struct TranslationSession: SimulatedSession {
    /// What is fixed for a session.
    struct Environment: Sendable {
        var startedAt: Int64 = 0
        var limitSeconds = 3_600.0
        var pace = 1.0
        var hearsTones = false
        /// Finds the script's entry, once the target language is known.
        var scenario: @Sendable (_ language: String) -> SocketScenario = { _ in SocketScenario() }
    }

    /// What it will do by itself.
    private enum Entry: Sendable {
        case say(TranslatedPiece)
        case sessionLimit
        case silenceEnd
        case close
    }

    let environment: Environment
    private let sessionID: String
    private var settings: TranslationSettings
    private var identifiers: Identifiers
    private var scenario = SocketScenario()
    private var hasScenario = false
    private var listener: TranslationListener
    private var outbox = Outbox()
    private var due: [(at: Duration, entry: Entry)] = []
    private var now: Duration = .zero
    private var isClosing = false

    init(_ settings: TranslationSettings, _ environment: Environment, _ identifiers: Identifiers) {
        var identifiers = identifiers
        self.settings = settings
        self.environment = environment
        sessionID = identifiers.session()
        self.identifiers = identifiers
        listener = TranslationListener(hearsTones: environment.hearsTones)
    }

    var nextDue: Duration? { outbox.isOver && !outbox.isHolding ? nil : due.first?.at }

    mutating func start() -> [SessionAction] {
        step(to: now) {
            $0.add(.sessionLimit, at: .seconds($0.limitSeconds))
            $0.emit("session.created", [("session", $0.json)])
        }
    }

    mutating func receive(_ message: [UInt8], at now: Duration) -> [SessionAction] {
        step(to: now) { session in
            var eventID: String?
            do throws(JSONError) {
                try session.handle(message, &eventID)
            } catch {
                session.emit("error", [("error", RealtimeSession.json(error, eventID: eventID))])
            }
        }
    }

    mutating func receiveBinary(at now: Duration) -> [SessionAction] {
        step(to: now) {
            let error = JSONError(
                code: "invalid_event",
                message: "Only text frames hold events."
            )
            $0.emit("error", [("error", RealtimeSession.json(error))])
        }
    }

    mutating func advance(to now: Duration) -> [SessionAction] { step(to: now) { _ in } }

    // MARK: Receiving

    private mutating func handle(
        _ message: [UInt8],
        _ eventID: inout String?
    ) throws(JSONError) {
        guard let object = try JSONValue(parsing: message).objectValue else {
            throw JSONError(code: "invalid_event", message: "An event must be a JSON object.")
        }
        var reader = JSONReader(object)
        eventID = try reader.string("event_id")
        switch try reader.string("type") {
        case "session.update": try update(&reader)
        case "session.input_audio_buffer.append": try append(&reader)
        case "session.close":
            try reader.finish()
            close()
        case let type:
            throw reader.error(
                "invalid_value",
                "Invalid value: '\(type ?? "")'. Supported values are: 'session.update', "
                    + "'session.input_audio_buffer.append', 'session.close'.",
                "type"
            )
        }
    }

    private mutating func update(_ reader: inout JSONReader) throws(JSONError) {
        guard let object = try reader.object("session") else { throw reader.missing("session") }
        try reader.finish()
        try settings.update(object)
        if !hasScenario {
            hasScenario = true
            scenario = environment.scenario(settings.language)
            if let seconds = scenario.expireAfterSeconds {
                due.removeAll { if case .sessionLimit = $0.entry { true } else { false } }
                add(.sessionLimit, at: .seconds(seconds))
            }
        }
        emit("session.updated", [("session", json)])
    }

    private mutating func append(_ reader: inout JSONReader) throws(JSONError) {
        guard let text = try reader.string("audio") else { throw reader.missing("audio") }
        try reader.finish()
        guard let bytes = Base64.decode(text), bytes.count % 2 == 0 else {
            throw reader.error(
                "invalid_value",
                "Invalid 'audio': expected Base64 of PCM16.",
                "audio"
            )
        }
        guard !isClosing else { return }
        say(listener.feed(bytes))
    }

    private mutating func say(_ pieces: [TranslatedPiece]) {
        let delay =
            Duration.milliseconds(scenario.translationDelayMs)
            + .milliseconds(Int(600 * environment.pace))
        for piece in pieces { add(.say(piece), at: now + delay) }
    }

    private mutating func close() {
        guard !isClosing else { return }
        isClosing = true
        say(listener.finish())
        let last = due.last { if case .say = $0.entry { true } else { false } }
        add(.close, at: max(now, last?.at ?? now))
    }

    // MARK: Sending

    private mutating func emit(_ type: String, _ members: [JSONObject.Member] = []) {
        guard !outbox.isOver else { return }
        let head: [JSONObject.Member] = [
            ("type", .string(type)), ("event_id", .string(identifiers.event())),
        ]
        let event = JSONObject(uniqueMembers: head + members)
        if let silence = outbox.send(event, under: scenario) { add(.silenceEnd, at: now + silence) }
    }

    private mutating func tell(_ piece: TranslatedPiece) {
        let elapsed: JSONObject.Member = ("elapsed_ms", .integer(Int64(piece.elapsedMs)))
        if settings.transcription != nil {
            let text = JSONValue.string(piece.text(in: "en"))
            emit("session.input_transcript.delta", [("delta", text), elapsed])
        }
        let text = JSONValue.string(piece.text(in: settings.language))
        emit("session.output_transcript.delta", [("delta", text), elapsed])
        guard let audio = piece.audio else { return }
        emit(
            "session.output_audio.delta",
            [
                ("delta", .string(Base64.encode(audio))), ("sample_rate", 24_000),
                ("channels", 1), ("format", "pcm16"), elapsed,
            ]
        )
    }

    private var limitSeconds: Double { scenario.expireAfterSeconds ?? environment.limitSeconds }

    private var json: JSONValue {
        settings.json(id: sessionID, expiresAt: environment.startedAt + Int64(limitSeconds))
    }

    // MARK: Time

    private mutating func add(_ entry: Entry, at time: Duration) {
        due.insert((time, entry), at: due.firstIndex { $0.at > time } ?? due.count)
    }

    private mutating func step(
        to time: Duration,
        _ body: (inout TranslationSession) -> Void
    ) -> [SessionAction] {
        now = max(now, time)
        body(&self)
        while !outbox.isOver || outbox.isHolding, let first = due.first, first.at <= now {
            due.removeFirst()
            perform(first.entry)
        }
        return outbox.take()
    }

    private mutating func perform(_ entry: Entry) {
        switch entry {
        case .silenceEnd: outbox.endSilence()
        case _ where outbox.isOver: break
        case .say(let piece): tell(piece)
        case .close:
            emit("session.closed")
            if !outbox.isOver { outbox.end(with: .close(code: 1_000, reason: "")) }
        case .sessionLimit:
            let message = RealtimeSession.expiryMessage(afterSeconds: limitSeconds)
            let error = JSONError(code: "session_expired", message: message)
            emit("error", [("error", RealtimeSession.json(error))])
            if !outbox.isOver { outbox.end(with: .close(code: 1_001, reason: message)) }
        }
    }
}
