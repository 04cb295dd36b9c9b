/// One WebSocket after its handshake, living on an event loop.
///
/// Every method belongs to the loop's thread; from elsewhere use `loop.execute`. What is sent in
/// one turn of the loop goes out in one write at its end.
/// `@unchecked Sendable` because all state is touched by the loop's thread only.
public final class WebSocketConnection: @unchecked Sendable {
    private enum State {
        case open
        /// Our close frame is out or in the queue, the peer's is awaited.
        case closing
        /// Both close frames are there; a server ends the connection once its own is sent.
        case finishing
        /// No more frames; what is queued is sent, then the peer's end of the stream is awaited.
        case lingering
        case closed
    }

    /// Where the connection lives.
    public let loop: EventLoop
    private let transport: any WebSocketTransport
    private let role: WebSocketFraming.Role
    private let configuration: WebSocketConfiguration
    private let framing: WebSocketFraming
    private var handler: (any WebSocketHandler)?

    private var state = State.open
    private var closure: WebSocketClosure?
    private var interest: Readiness = .readable
    private var isReadingPaused = false
    private var hasHungUp = false
    private var wantsTurnEnd = false
    private var mayHaveMore = false
    private var isWritingShut = false
    private var lastReceived: ContinuousClock.Instant
    private var pingTimer: TimerID?
    private var closeTimer: TimerID?

    /// Whether more than the high-water mark waits to be sent; a relay then stops reading the other side.
    public private(set) var isCongested = false

    /// How many bytes wait to be sent.
    public var queuedBytes: Int { framing.output.count }

    private init(
        _ transport: any WebSocketTransport,
        role: WebSocketFraming.Role,
        on loop: EventLoop,
        configuration: WebSocketConfiguration,
        deflate: WebSocketDeflate?,
        handler: any WebSocketHandler
    ) {
        self.transport = transport
        self.role = role
        self.loop = loop
        self.configuration = configuration
        self.handler = handler
        framing = WebSocketFraming(
            role: role,
            maximumMessageBytes: configuration.maximumMessageBytes,
            deflate: deflate,
            compressesFromBytes: configuration.compressesFromBytes
        )
        lastReceived = loop.now
    }

    /// Takes a connection whose handshake is done to a loop; from any thread.
    ///
    /// - Parameters:
    ///   - transport: The connection; closed by the loop, or at once when the loop has ended.
    ///   - role: Which end this is.
    ///   - receivedBytes: What came behind the handshake already.
    ///   - loop: Where it will live.
    ///   - configuration: Its bounds.
    ///   - deflate: The compression that the handshake agreed on.
    ///   - makeHandler: Makes its handler, on the loop's thread.
    public static func open(
        _ transport: any WebSocketTransport,
        role: WebSocketFraming.Role,
        receivedBytes: [UInt8] = [],
        on loop: EventLoop,
        configuration: WebSocketConfiguration = WebSocketConfiguration(),
        deflate: WebSocketDeflate? = nil,
        makeHandler: @escaping @Sendable () -> any WebSocketHandler
    ) {
        let isTaken = loop.execute {
            let connection = WebSocketConnection(
                transport,
                role: role,
                on: loop,
                configuration: configuration,
                deflate: deflate,
                handler: makeHandler()
            )
            connection.start(receivedBytes)
        }
        if !isTaken { transport.close() }
    }

    // MARK: Sending

    /// Queues a message.
    ///
    /// - Returns: False when it was not taken: the connection is closing, or the queue is full and
    ///   ``WebSocketHandler/overflowed(_:by:)`` decided what happens.
    @discardableResult
    public func send(_ message: WebSocketMessage) -> Bool {
        loop.preconditionOnLoop()
        guard state == .open else { return false }
        guard queuedBytes + message.bytes.count <= configuration.outgoingLimitBytes else {
            if handler?.overflowed(self, by: message) == .close {
                close(.tryAgainLater, reason: "the outgoing queue is full")
            }
            return false
        }
        framing.send(message)
        outputGrew()
        return true
    }

    /// Queues a message that is shared with other connections; the caller looks at ``queuedBytes``
    /// before, as nothing is refused here.
    ///
    /// - Returns: False when the connection is closing.
    @discardableResult
    public func send(_ frame: WebSocketFrame) -> Bool {
        loop.preconditionOnLoop()
        guard state == .open else { return false }
        framing.send(frame)
        outputGrew()
        return true
    }

    /// Begins the close handshake; messages that still come are ignored.
    public func close(_ code: WebSocketCloseCode, reason: String = "") {
        loop.preconditionOnLoop()
        guard state == .open else { return }
        framing.close(code, reason: reason)
        closure = WebSocketClosure(code: code, reason: reason, isByPeer: false)
        begin(.closing)
    }

    /// Ends the connection at once, without a close frame.
    public func abort() {
        loop.preconditionOnLoop()
        finish()
    }

    // MARK: Receiving

    /// Stops reading, so that the peer is slowed down by its own full socket.
    ///
    /// Does nothing while the connection is closing: the peer's answer is to be heard.
    public func pauseReading() {
        loop.preconditionOnLoop()
        guard state == .open else { return }
        isReadingPaused = true
        updateInterest()
    }

    /// Reads again.
    public func resumeReading() {
        loop.preconditionOnLoop()
        guard isReadingPaused else { return }
        isReadingPaused = false
        lastReceived = loop.now
        updateInterest()
        // The transport may hold bytes that epoll does not know of.
        mayHaveMore = true
        callAtEndOfTurn()
    }

    private func start(_ receivedBytes: [UInt8]) {
        guard loop.register(self, transport.fileDescriptor, for: interest) else {
            state = .closed
            return transport.close()
        }
        schedulePing()
        handler?.opened(self)
        receivedBytes.withUnsafeBytes { if !$0.isEmpty { receive($0) } }
        // A transport with buffers of its own may be full already.
        mayHaveMore = true
        callAtEndOfTurn()
    }

    /// Reads a bounded amount, so that one busy connection does not starve the others of its loop.
    private func read() {
        for _ in 0..<4 {
            guard state != .closed, !isReadingPaused || hasHungUp else { return }
            switch transport.read(into: loop.readBuffer) {
            case .bytes(let count):
                lastReceived = loop.now
                receive(UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]))
                // What comes later will be told of.
                if count < loop.readBuffer.count, !transport.hidesBytes { return }
            case .wouldBlock: return
            case .ended, .failed: return finish()
            }
        }
        mayHaveMore = true
        callAtEndOfTurn()
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        guard state == .open || state == .closing else { return }
        framing.receive(bytes) { event in
            if state == .open || state == .closing { handle(event) }
        }
        // Pongs and the answer to a close may be in the output now.
        if !framing.output.isEmpty { outputGrew() }
    }

    private func handle(_ event: WebSocketFraming.Event) {
        switch event {
        case .message(let message):
            if state == .open { handler?.received(message, on: self) }
        case .pong: break
        case .closed(let code, let reason):
            let isNews = closure == nil
            let closure = closure ?? WebSocketClosure(code: code, reason: reason, isByPeer: true)
            self.closure = closure
            // RFC 6455, 7.1.1: the server ends the TCP connection first.
            begin(role == .server ? .finishing : .lingering)
            if isNews { handler?.closing(self, closure) }
        case .failed(let code):
            if closure == nil { closure = WebSocketClosure(code: code, isByPeer: false) }
            begin(.lingering)
        }
    }

    // MARK: Ending

    private func begin(_ next: State) {
        state = next
        pingTimer.map(loop.cancel)
        pingTimer = nil
        if isReadingPaused { resumeReading() }
        if closeTimer == nil {
            closeTimer = loop.schedule(after: configuration.closeTimeout) { [weak self] in
                self?.finish()
            }
        }
        callAtEndOfTurn()
    }

    /// Once everything is sent, a failed connection ends our direction only, and waits for the peer
    /// to end its own: closing with bytes unread would reset the connection, and could destroy the
    /// close frame under way.
    private func endIfFlushed() {
        guard framing.output.isEmpty else { return }
        if state == .finishing { return finish() }
        guard state == .lingering, !isWritingShut else { return }
        isWritingShut = true
        transport.shutDownWriting()
    }

    private func finish() {
        guard state != .closed else { return }
        state = .closed
        loop.unregister(transport.fileDescriptor)
        pingTimer.map(loop.cancel)
        closeTimer.map(loop.cancel)
        transport.close()
        let last = handler
        handler = nil
        last?.closed(self, closure ?? WebSocketClosure(code: .abnormal, isByPeer: true))
    }

    // MARK: Keeping alive

    private func schedulePing() {
        guard let interval = configuration.pingInterval else { return }
        pingTimer = loop.schedule(after: interval) { [weak self] in
            self?.checkPeer()
            if self?.state == .open { self?.schedulePing() }
        }
    }

    /// Sends a ping, and ends a connection whose peer is silent for too long.
    public func checkPeer() {
        loop.preconditionOnLoop()
        guard state == .open else { return }
        guard isReadingPaused || loop.now - lastReceived < configuration.peerTimeout else {
            return finish()
        }
        framing.ping([0x70, 0x69, 0x6E, 0x67])
        outputGrew()
    }

    // MARK: Writing

    private func outputGrew() {
        if queuedBytes > configuration.highWaterBytes { isCongested = true }
        callAtEndOfTurn()
    }

    private func callAtEndOfTurn() {
        guard !wantsTurnEnd else { return }
        wantsTurnEnd = true
        loop.callAtEndOfTurn(self)
    }

    private func flush() {
        while state != .closed, !framing.output.isEmpty {
            switch framing.output.withUnsafeBytes(transport.write) {
            case .bytes(let count): framing.output.removeFirst(count)
            case .wouldBlock: return updateInterest()
            case .ended, .failed: return finish()
            }
        }
        guard state != .closed else { return }
        updateInterest()
        endIfFlushed()
    }

    private func reportDrain() {
        guard isCongested, state == .open, queuedBytes <= configuration.highWaterBytes / 2 else {
            return
        }
        isCongested = false
        handler?.drained(self)
    }

    private func updateInterest() {
        var wanted: Readiness = isReadingPaused ? [] : .readable
        if !framing.output.isEmpty { wanted.insert(.writable) }
        guard state != .closed, wanted != interest else { return }
        interest = wanted
        loop.update(transport.fileDescriptor, for: wanted)
    }
}

extension WebSocketConnection: EventLoopChannel {
    package func isReady(_ readiness: Readiness) {
        // A broken connection cannot be waited on without spinning, so it is read to its end.
        if readiness.contains(.hangUp) { hasHungUp = true }
        if readiness.contains(.writable) {
            flush()
            reportDrain()
        }
        if readiness.contains(.readable) || hasHungUp { read() }
    }

    package func turnEnded() {
        wantsTurnEnd = false
        guard state != .closed else { return }
        if mayHaveMore {
            mayHaveMore = false
            read()
        }
        flush()
        reportDrain()
    }

    package func goAway() {
        close(.goingAway, reason: "the server is shutting down")
    }
}
