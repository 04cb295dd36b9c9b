internal import JSON

/// One session of the Realtime API, as a value: client events and time in, actions out.
///
/// It knows no socket, no clock and no thread. Times count from the session's beginning.
struct RealtimeSession: SimulatedSession {
    /// What is fixed for a session.
    struct Environment: Sendable {
        /// When the session began, in Unix seconds.
        var startedAt: Int64 = 0
        /// After this long the session ends with `session_expired`.
        var limitSeconds: Double = 3_600
        /// Multiplies every pause of a real service; 0 answers at once.
        var pace = 1.0
        /// What goes wrong on purpose, and what is said and heard.
        var scenario = SocketScenario()
        /// The id of the call that this is; nil for a socket's own session.
        var callID: String?
        /// Whether the ``ToneLanguage`` is understood.
        var hearsTones = false
    }

    /// Items beyond this number are forgotten, oldest first, as upstream's truncation does.
    static let itemLimit = 10_000
    /// The audio of items beyond this is forgotten, oldest first.
    static let storedAudioLimitBytes = 32 * 1_024 * 1_024

    let environment: Environment
    let sessionID: String
    let conversationID: String
    var configuration: SessionConfiguration
    var identifiers: Identifiers
    var agenda = Agenda()
    var items: [ConversationItem] = []
    var storedAudioBytes = 0
    var inputAudio: InputAudioBuffer
    /// Hears the words of a turn while it goes on.
    var recognizer = ToneRecognizer()
    /// The id that the user item of the speech in progress will have.
    var speechItemID: String?
    /// Truncations that came during speech; upstream answers them behind the next user item.
    var heldTruncations: [JSONObject] = []
    var responses: [ActiveResponse] = []
    var transcriptions: [String: Transcription] = [:]
    /// Turns whose transcripts a script holds back until a later one is told.
    var heldTranscripts: [String] = []
    var transcribedTurns = 0
    /// The latest turn whose transcript was told.
    var lastToldTurn = 0
    /// What a script says was spoken in audio items, by item.
    var heardTexts: [String: String] = [:]
    /// The audio clock when the client was last spoken to.
    var idleSinceMs = 0
    var scenario: SocketScenario
    var lastTextTokens = 0
    var hasSpoken = false
    /// The MCP servers that were asked for their tools.
    var listedServers: Set<String> = []
    /// Whether somebody carries the call's media.
    var isMediaFlowing = false
    var playback = Playback()
    private(set) var now: Duration = .zero
    private var outbox = Outbox()
    /// What the client called the event that is being handled.
    var clientEventID: String?

    init(
        _ configuration: SessionConfiguration,
        environment: Environment,
        identifiers: Identifiers
    ) {
        var identifiers = identifiers
        self.environment = environment
        self.configuration = configuration
        scenario = environment.scenario
        // Upstream names a call's session after the call.
        sessionID =
            environment.callID.map { "sess_" + $0.dropFirst(4) } ?? identifiers.session()
        conversationID = identifiers.conversation()
        self.identifiers = identifiers
        inputAudio = InputAudioBuffer(
            format: environment.callID == nil ? configuration.inputFormat : .pcm,
            detection: configuration.turnDetection
        )
    }

    /// When ``advance(to:)`` has something to do next.
    var nextDue: Duration? { isOver && !outbox.isHolding ? nil : agenda.nextDue }

    var isOver: Bool { outbox.isOver }

    var expiresAt: Int64 { environment.startedAt + Int64(sessionLimitSeconds) }

    private var sessionLimitSeconds: Double {
        scenario.expireAfterSeconds ?? environment.limitSeconds
    }

    /// Begins; a call has nobody to tell yet.
    mutating func start() -> [SessionAction] {
        agenda.add(.sessionLimit, at: .seconds(sessionLimitSeconds))
        guard !isCall else { return takeActions() }
        return step(to: now) { session in
            session.emit("session.created", [("session", session.sessionJSON)])
            session.listTools()
        }
    }

    /// Lets time pass, does something, and then what is due.
    mutating func step(
        to now: Duration,
        _ body: (inout RealtimeSession) -> Void
    ) -> [SessionAction] {
        advanceClock(to: now)
        body(&self)
        runAgenda()
        return takeActions()
    }

    /// Takes one text message of the client.
    mutating func receive(_ message: [UInt8], at now: Duration) -> [SessionAction] {
        step(to: now) { session in
            session.clientEventID = nil
            do throws(JSONError) {
                try session.handle(message)
            } catch {
                session.emit(error)
            }
            session.clientEventID = nil
        }
    }

    /// Takes a binary message, which upstream refuses without ending the session.
    mutating func receiveBinary(at now: Duration) -> [SessionAction] {
        step(to: now) {
            $0.emit(JSONError(code: "invalid_event", message: "Only text frames hold events."))
        }
    }

    /// Does what is due.
    mutating func advance(to now: Duration) -> [SessionAction] {
        step(to: now) { _ in }
    }

    /// Takes the audio of a ``SpeechRequest``, coded in its format.
    mutating func speechIsReady(
        _ audio: [UInt8],
        for request: SpeechRequest,
        at now: Duration
    ) -> [SessionAction] {
        step(to: now) { $0.continueResponse(request, with: audio) }
    }

    var sessionJSON: JSONValue { configuration.json(id: sessionID, expiresAt: expiresAt) }

    // MARK: Sending

    mutating func emit(_ type: String, _ members: [JSONObject.Member] = []) {
        guard !isOver else { return }
        if let silence = outbox.send(event(type, members), under: scenario) {
            agenda.add(.stallEnd, at: now + silence)
        }
    }

    mutating func event(_ type: String, _ members: [JSONObject.Member]) -> JSONObject {
        let head: [JSONObject.Member] = [
            ("type", .string(type)), ("event_id", .string(identifiers.event())),
        ]
        return JSONObject(uniqueMembers: head + members)
    }

    mutating func emit(_ error: JSONError) {
        emit("error", [("error", Self.json(error, eventID: clientEventID))])
    }

    mutating func perform(_ action: SessionAction) {
        guard !isOver else { return }
        // Work that nobody sees goes on in a scripted silence.
        if case .speak = action { outbox.putUnseen(action) } else { outbox.put(action) }
    }

    /// The `error` member of an `error` event.
    static func json(
        _ error: JSONError,
        eventID: String? = nil
    ) -> JSONValue {
        [
            "type": "invalid_request_error",
            "code": error.code.isEmpty ? .null : .string(error.code),
            "message": .string(error.message),
            "param": .optional(error.param),
            "event_id": .optional(eventID),
        ]
    }

    /// A pause of the real service, at this simulator's pace.
    func pause(_ milliseconds: Double) -> Duration {
        .microseconds(Int64(milliseconds * 1_000 * environment.pace))
    }

    // MARK: Time

    private mutating func advanceClock(to time: Duration) {
        now = max(now, time)
    }

    private mutating func runAgenda() {
        while !isOver || outbox.isHolding, let (due, entry) = agenda.popDue(at: now) {
            switch entry {
            case .stallEnd: outbox.endSilence()
            case _ where isOver: continue
            case .responseStep(let id): stepResponse(id, due: due)
            case .transcription(let id, let step): stepTranscription(id, step)
            case .playbackStart(let id): playbackStarted(id)
            case .playbackEnd(let id): playbackEnded(id)
            case .toolList(let id, let label): toolsWereListed(id, label)
            case .idleTimeout: triggerIdleTimeout()
            case .sessionLimit: expire()
            }
        }
    }

    private mutating func expire() {
        let message = Self.expiryMessage(afterSeconds: sessionLimitSeconds)
        emit(JSONError(code: "session_expired", message: message))
        guard !isOver else { return }
        outbox.end(with: .close(code: 1_001, reason: message))
    }

    /// Upstream's words for a session whose time is over.
    static func expiryMessage(afterSeconds seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        let time = whole % 60 == 0 && whole > 0 ? "\(whole / 60) minutes" : "\(whole) seconds"
        return "Your session hit the maximum duration of \(time)."
    }

    private mutating func takeActions() -> [SessionAction] { outbox.take() }
}
