internal import JSON

/// One session of the Realtime API, as a value: client events and time in, actions out.
///
/// It knows no socket, no clock and no thread. Times count from the session's beginning.
struct RealtimeSession: Sendable {
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
    /// The id that the user item of the speech in progress will have.
    var speechItemID: String?
    /// Truncations that came during speech; upstream answers them behind the next user item.
    var heldTruncations: [JSONObject] = []
    var responses: [ActiveResponse] = []
    var transcriptions: [String: Transcription] = [:]
    /// What a script says was spoken in audio items, by item.
    var heardTexts: [String: String] = [:]
    /// The audio clock when the client was last spoken to.
    var idleSinceMs = 0
    var scenario: SocketScenario
    var lastTextTokens = 0
    var hasSpoken = false
    /// Whether somebody carries the call's media.
    var isMediaFlowing = false
    var playback = Playback()
    private(set) var now: Duration = .zero
    private(set) var isOver = false
    private var actions: [SessionAction] = []
    private var sentEvents = 0
    private var clientEventID: String?

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
    var nextDue: Duration? { isOver ? nil : agenda.nextDue }

    var expiresAt: Int64 { environment.startedAt + Int64(sessionLimitSeconds) }

    private var sessionLimitSeconds: Double {
        scenario.expireAfterSeconds ?? environment.limitSeconds
    }

    /// Begins; a call has nobody to tell yet.
    mutating func start() -> [SessionAction] {
        agenda.add(.sessionLimit, at: .seconds(sessionLimitSeconds))
        if !isCall { emit("session.created", [("session", sessionJSON)]) }
        return takeActions()
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
        step(to: now) { $0.continueResponse(request.responseID, with: audio) }
    }

    var sessionJSON: JSONValue { configuration.json(id: sessionID, expiresAt: expiresAt) }

    // MARK: Sending

    mutating func emit(_ type: String, _ members: [JSONObject.Member] = []) {
        guard !isOver else { return }
        actions.append(.send(event(type, members)))
        sentEvents += 1
        if let limit = scenario.hangsUpAfterEvents, sentEvents >= limit {
            isOver = true
            actions.append(.hangUp)
        }
        guard let fault = scenario.end, sentEvents >= fault.afterEvents else { return }
        isOver = true
        actions.append(fault.close.map { .close(code: $0.code, reason: $0.reason) } ?? .drop)
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
        if !isOver { actions.append(action) }
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

    // MARK: Receiving

    private mutating func handle(_ message: [UInt8]) throws(JSONError) {
        var reader = try Self.event(message)
        if let id = try reader.string("event_id") {
            clientEventID = String(id.prefix(512))
            guard id.unicodeScalars.count <= 512 else {
                throw reader.error(
                    "string_above_max_length",
                    "Invalid 'event_id': expected at most 512 characters.",
                    "event_id"
                )
            }
        }
        guard let type = try reader.string("type") else {
            throw JSONError(code: "invalid_event", message: "An event needs a 'type'.")
        }
        try handle(type, &reader)
    }

    private static func event(_ message: [UInt8]) throws(JSONError) -> JSONReader {
        let value = try JSONValue(parsing: message)
        guard let object = value.objectValue else {
            throw JSONError(code: "invalid_event", message: "An event must be a JSON object.")
        }
        return JSONReader(object)
    }

    private mutating func handle(
        _ type: String,
        _ reader: inout JSONReader
    ) throws(JSONError) {
        switch type {
        case "session.update": try updateSession(&reader)
        case "input_audio_buffer.append": try appendAudio(&reader)
        case "input_audio_buffer.commit": try commitAudio(&reader)
        case "input_audio_buffer.clear": try clearAudio(&reader)
        case "conversation.item.create": try createItem(&reader)
        case "conversation.item.retrieve": try retrieveItem(&reader)
        case "conversation.item.truncate": try truncateItem(&reader)
        case "conversation.item.delete": try deleteItem(&reader)
        case "response.create": try createResponse(&reader)
        case "response.cancel": try cancelResponse(&reader)
        case "output_audio_buffer.clear" where isCall: try clearOutputAudio(&reader)
        default:
            let types = Self.eventTypes + (isCall ? ["output_audio_buffer.clear"] : [])
            let known = types.map { "'\($0)'" }.joined(separator: ", ")
            throw reader.error(
                "invalid_value",
                "Invalid value: '\(type)'. Supported values are: \(known).",
                "type"
            )
        }
    }

    static let eventTypes = [
        "session.update", "input_audio_buffer.append", "input_audio_buffer.commit",
        "input_audio_buffer.clear", "conversation.item.create", "conversation.item.truncate",
        "conversation.item.delete", "conversation.item.retrieve", "response.create",
        "response.cancel",
    ]

    private mutating func updateSession(_ reader: inout JSONReader) throws(JSONError) {
        guard let object = try reader.object("session") else { throw reader.missing("session") }
        try reader.finish()
        var updated = configuration
        try updated.update(object)
        guard updated.voice == configuration.voice || !hasSpoken else {
            throw JSONError(
                code: "cannot_update_voice",
                message: "Cannot update a conversation's voice if assistant audio is present."
            )
        }
        configuration = updated
        inputAudio.configure(
            format: isCall ? .pcm : updated.inputFormat,
            detection: updated.turnDetection
        )
        emit("session.updated", [("session", sessionJSON)])
        if !inputAudio.isInSpeech {
            speechItemID = nil
            releaseTruncations()
        }
    }

    // MARK: Time

    private mutating func advanceClock(to time: Duration) {
        now = max(now, time)
    }

    private mutating func runAgenda() {
        while !isOver, let (due, entry) = agenda.popDue(at: now) {
            switch entry {
            case .responseStep(let id): stepResponse(id, due: due)
            case .transcription(let id, let step): stepTranscription(id, step)
            case .playbackStart(let id): playbackStarted(id)
            case .playbackEnd(let id): playbackEnded(id)
            case .idleTimeout: triggerIdleTimeout()
            case .sessionLimit: expire()
            }
        }
    }

    private mutating func expire() {
        let message =
            "Your session hit the maximum duration of \(Self.minutesText(sessionLimitSeconds))."
        emit(JSONError(code: "session_expired", message: message))
        perform(.close(code: 1_001, reason: message))
        isOver = true
    }

    private static func minutesText(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return whole % 60 == 0 && whole > 0 ? "\(whole / 60) minutes" : "\(whole) seconds"
    }

    private mutating func takeActions() -> [SessionAction] {
        defer { actions = [] }
        return actions
    }
}
