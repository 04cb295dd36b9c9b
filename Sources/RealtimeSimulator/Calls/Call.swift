internal import JSON
internal import WebServer

/// A call: a session without a socket of its own, and the sockets that are attached to it.
///
/// A front carries the call's media and its data channel; sidebands see and do what the data
/// channel does. A call with neither ends after a while.
/// `@unchecked Sendable` because all but its constants is touched by its loop's thread only.
final class Call: @unchecked Sendable {
    /// More sidebands are refused.
    private static let sidebandLimit = 16

    let id: String
    /// Where the call and all its sockets live.
    let loop: EventLoop
    private let unattendedLimit: Duration
    /// Told once, when the call is over; on the loop's thread.
    private let whenOver: @Sendable (Call) -> Void
    private var runner: SessionRunner<RealtimeSession>?
    private var front: CallSocket?
    private var sidebands: [CallSocket] = []
    private var sidebandEnds: ArraySlice<SocketScenario.End> = []
    private var patience: TimerID?

    init(
        id: String,
        on loop: EventLoop,
        unattendedLimit: Duration,
        whenOver: @escaping @Sendable (Call) -> Void
    ) {
        self.id = id
        self.loop = loop
        self.unattendedLimit = unattendedLimit
        self.whenOver = whenOver
    }

    /// Begins the session; the first call on the loop.
    func begin(_ session: RealtimeSession, _ speech: SpeechMaker) {
        sidebandEnds = session.scenario.sidebandEnds[...]
        let runner = SessionRunner(session, on: loop, speech) { [weak self] in self?.perform($0) }
        self.runner = runner
        waitForSomebody()
        runner.run { session, _ in session.start() }
    }

    /// Ends the call and closes its sockets; later calls do nothing.
    func end(_ code: WebSocketCloseCode = .normal, reason: String = "") {
        finish { $0.close(code, reason: reason) }
    }

    // MARK: Sockets

    /// Takes a socket in.
    ///
    /// - Returns: Why it cannot be taken; nil when it was.
    func attach(_ socket: CallSocket) -> Refusal? {
        guard let runner else { return .unknownCall(id) }
        switch socket.role {
        case .front:
            guard front == nil else { return Self.secondFront }
            front = socket
        case .sideband:
            guard sidebands.count < Self.sidebandLimit else { return Self.tooManySidebands }
            socket.end = sidebandEnds.popFirst()
            sidebands.append(socket)
        }
        patience.map(loop.cancel)
        patience = nil
        if socket.role == .front { runner.run { $0.mediaBegan(at: $1) } }
        return nil
    }

    /// A socket is gone; with its front a call loses its media, and is over.
    func detach(_ socket: CallSocket) {
        if socket === front {
            front = nil
            return end()
        }
        sidebands.removeAll { $0 === socket }
        if front == nil, sidebands.isEmpty, runner != nil { waitForSomebody() }
    }

    func receive(_ message: WebSocketMessage, from socket: CallSocket) {
        runner?.run { session, now in
            switch message {
            case .text(let bytes): session.receive(bytes, at: now)
            case .binary(let bytes):
                socket === front
                    ? session.receiveMedia(bytes, at: now) : session.receiveBinary(at: now)
            }
        }
    }

    // MARK: The session

    private func perform(_ action: SessionAction) {
        switch action {
        case .send(let event):
            let bytes = JSONValue.object(event).bytes
            for socket in sockets { socket.send(.text(bytes)) }
        case .greet(let event): front?.send(.text(JSONValue.object(event).bytes))
        case .play(let bytes): front?.send(.binary(bytes))
        case .hangUp: end()
        case .close(let code, let reason): end(WebSocketCloseCode(rawValue: code), reason: reason)
        case .drop: finish { $0.abort() }
        case .speak: break
        }
    }

    private var sockets: [CallSocket] {
        [front].compactMap(\.self) + sidebands
    }

    private func waitForSomebody() {
        patience.map(loop.cancel)
        patience = loop.schedule(after: unattendedLimit) { [weak self] in self?.end() }
    }

    private func finish(_ close: (CallSocket) -> Void) {
        guard let runner else { return }
        self.runner = nil
        runner.stop()
        patience.map(loop.cancel)
        whenOver(self)
        let attached = sockets
        front = nil
        sidebands = []
        for socket in attached { close(socket) }
    }

    private static let secondFront = Refusal(
        JSONError(code: "call_has_media", message: "The call's media is carried already.")
    )
    private static let tooManySidebands = Refusal(
        JSONError(code: "too_many_sidebands", message: "The call has 16 sidebands already.")
    )
}
