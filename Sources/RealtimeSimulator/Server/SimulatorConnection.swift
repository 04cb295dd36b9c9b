internal import JSON
internal import WebServer

/// One client's WebSocket: carries events to a ``RealtimeSession`` and performs its actions.
///
/// `@unchecked Sendable` because its event loop's thread alone touches it.
final class SimulatorConnection: WebSocketHandler, @unchecked Sendable {
    private let admission: Admission
    private let environment: RealtimeSession.Environment
    private let speech: SpeechMaker
    private var session: RealtimeSession?
    private var connection: WebSocketConnection?
    private var beginning = ContinuousClock.now
    private var timer: TimerID?

    init(_ admission: Admission, _ environment: RealtimeSession.Environment, _ speech: SpeechMaker)
    {
        self.admission = admission
        self.environment = environment
        self.speech = speech
    }

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        beginning = connection.loop.now
        switch admission {
        case .refusal(let error, let code):
            let event: JSONValue = [
                "type": "error", "event_id": .string(refusalEventID),
                "error": RealtimeSession.json(error),
            ]
            connection.send(.text(event.bytes))
            connection.close(WebSocketCloseCode(rawValue: code), reason: admission.reason)
        case .session(let configuration):
            var session = RealtimeSession(
                configuration,
                environment: environment,
                identifiers: Identifiers()
            )
            let actions = session.start()
            self.session = session
            perform(actions)
        }
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        switch message {
        case .text(let bytes): perform(session?.receive(bytes, at: now))
        case .binary: perform(session?.receiveBinary(at: now))
        }
        // A client that does not read is not heard either.
        if connection.isCongested { connection.pauseReading() }
    }

    func drained(_ connection: WebSocketConnection) {
        connection.resumeReading()
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        timer.map(connection.loop.cancel)
        session = nil
        self.connection = nil
    }

    private var refusalEventID: String {
        var identifiers = Identifiers()
        return identifiers.event()
    }

    private var now: Duration {
        (connection?.loop.now ?? beginning) - beginning
    }

    private func perform(_ actions: [SessionAction]?) {
        for action in actions ?? [] {
            switch action {
            case .send(let event): connection?.send(.text(JSONValue.object(event).bytes))
            case .speak(let request): speak(request)
            case .close(let code, let reason):
                connection?.close(WebSocketCloseCode(rawValue: code), reason: reason)
            case .drop: connection?.abort()
            }
        }
        scheduleNext()
    }

    private func speak(_ request: SpeechRequest) {
        guard let loop = connection?.loop else { return }
        speech.make(request) { [self] audio in
            loop.execute { [self] in hear(audio, for: request.responseID) }
        }
    }

    private func hear(_ audio: [UInt8], for responseID: String) {
        perform(session?.speechIsReady(audio, for: responseID, at: now))
    }

    private func scheduleNext() {
        guard let loop = connection?.loop else { return }
        timer.map(loop.cancel)
        timer = session?.nextDue.map { due in
            loop.schedule(after: max(.zero, due - now)) { [weak self] in
                guard let self else { return }
                perform(session?.advance(to: now))
            }
        }
    }
}
