internal import JSON
internal import WebServer

/// One client's WebSocket with a session of its own.
///
/// `@unchecked Sendable` because its event loop's thread alone touches it.
final class SimulatorConnection<Session: SimulatedSession>: WebSocketHandler, @unchecked Sendable {
    private let session: Session
    private let speech: SpeechMaker
    private var runner: SessionRunner<Session>?

    /// Takes a session that has not begun.
    init(_ session: Session, _ speech: SpeechMaker) {
        self.session = session
        self.speech = speech
    }

    func opened(_ connection: WebSocketConnection) {
        let runner = SessionRunner(session, on: connection.loop, speech) {
            Self.perform($0, on: connection)
        }
        self.runner = runner
        runner.run { session, _ in session.start() }
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        runner?.run { session, now in
            switch message {
            case .text(let bytes): session.receive(bytes, at: now)
            case .binary: session.receiveBinary(at: now)
            }
        }
        // A client that does not read is not heard either.
        if connection.isCongested { connection.pauseReading() }
    }

    func drained(_ connection: WebSocketConnection) {
        connection.resumeReading()
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        runner?.stop()
        runner = nil
    }

    private static func perform(_ action: SessionAction, on connection: WebSocketConnection) {
        switch action {
        case .send(let event), .greet(let event):
            connection.send(.text(JSONValue.object(event).bytes))
        case .close(let code, let reason):
            connection.close(WebSocketCloseCode(rawValue: code), reason: reason)
        case .drop: connection.abort()
        case .play, .hangUp, .speak: break
        }
    }
}

/// A WebSocket that is told why it gets no session, and closed.
final class RefusedConnection: WebSocketHandler {
    private let refusal: Refusal

    init(_ refusal: Refusal) {
        self.refusal = refusal
    }

    func opened(_ connection: WebSocketConnection) {
        refusal.send(on: connection)
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {}
    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {}
}
