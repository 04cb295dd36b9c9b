/// Who an ``EventStream`` belongs to; called on the stream's event loop thread.
public protocol EventStreamHandler: AnyObject {
    /// The stream is there; sending is possible from now on.
    func opened(_ stream: EventStream)
    /// The client is gone, or the stream was ended; the last call.
    func closed(_ stream: EventStream)
}

/// Server-sent events (WHATWG HTML, 9.2) on an event loop: an answer that goes on until either side
/// ends it, without a task or a thread of its own.
///
/// The socket is taken from libmicrohttpd and written to directly; under TLS, libmicrohttpd writes.
/// `@unchecked Sendable` because all state is touched by the loop's thread only.
public final class EventStream: @unchecked Sendable {
    /// Where the bytes go.
    private enum Sink {
        case socket(SocketTransport)
        case body(ResponseStream)
    }

    /// Where the stream lives.
    public let loop: EventLoop
    private let sink: Sink
    private let endTimeout: Duration
    private var handler: (any EventStreamHandler)?
    private var output = ByteQueue()
    private var isWaitingToWrite = false
    private var wantsTurnEnd = false
    private var isEnding = false
    private var isClosed = false
    private var endTimer: TimerID?

    private init(
        _ sink: Sink,
        on loop: EventLoop,
        endTimeout: Duration,
        _ handler: any EventStreamHandler
    ) {
        self.sink = sink
        self.endTimeout = endTimeout
        self.loop = loop
        self.handler = handler
    }

    /// Answers a request with a stream of events.
    ///
    /// - Parameters:
    ///   - request: The client's request.
    ///   - loop: Where the stream will live.
    ///   - sendBufferBytes: How many bytes the system may hold for the client.
    ///   - endTimeout: How long a stream that was ended waits for the client to take the rest.
    ///   - makeHandler: Makes its handler, on the loop's thread.
    /// - Returns: The answer, which goes on.
    public static func response(
        to request: HTTPRequest,
        on loop: EventLoop,
        sendBufferBytes: Int,
        endTimeout: Duration = .seconds(5),
        makeHandler: @escaping @Sendable () -> any EventStreamHandler
    ) -> HTTPResponse {
        var response = HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store",
                // nginx would hold back what it is to pass on.
                "X-Accel-Buffering": "no",
            ]
        )
        guard request.method != .head else { return response }
        response.body =
            request.isSecure
            ? .stream(fed(on: loop, endTimeout, makeHandler))
            : .detached { socket, head in
                socket.limitSendBuffer(to: sendBufferBytes)
                open(socket, head, on: loop, endTimeout, makeHandler)
            }
        return response
    }

    private static func open(
        _ socket: UpgradedSocket,
        _ head: [UInt8],
        on loop: EventLoop,
        _ endTimeout: Duration,
        _ makeHandler: @escaping @Sendable () -> any EventStreamHandler
    ) {
        let transport = SocketTransport(socket)
        let isTaken = loop.execute {
            let stream = EventStream(
                .socket(transport),
                on: loop,
                endTimeout: endTimeout,
                makeHandler()
            )
            guard loop.register(stream, transport.fileDescriptor, for: .readable) else {
                return transport.close()
            }
            stream.output.append(shared: head)
            stream.start()
        }
        if !isTaken { transport.close() }
    }

    private static func fed(
        on loop: EventLoop,
        _ endTimeout: Duration,
        _ makeHandler: @escaping @Sendable () -> any EventStreamHandler
    ) -> ResponseStream {
        let box = WeakStream()
        let body = ResponseStream { loop.execute { box.stream?.finish() } }
        loop.execute {
            let stream = EventStream(.body(body), on: loop, endTimeout: endTimeout, makeHandler())
            box.stream = stream
            stream.start()
        }
        return body
    }

    private func start() {
        handler?.opened(self)
        callAtEndOfTurn()
    }

    // MARK: Sending

    /// How many bytes wait for the client.
    public var queuedBytes: Int {
        switch sink {
        case .socket: output.count
        case .body(let body): body.pendingBytes
        }
    }

    /// Queues bytes that may be shared with other streams; the caller bounds ``queuedBytes``.
    public func send(_ bytes: [UInt8]) {
        loop.preconditionOnLoop()
        guard !isClosed, !isEnding else { return }
        switch sink {
        case .socket:
            output.append(shared: bytes)
            callAtEndOfTurn()
        case .body(let body): body.offer(bytes)
        }
    }

    /// Ends the stream behind what waits, within a time, or at once.
    public func end(atOnce: Bool = false) {
        loop.preconditionOnLoop()
        guard !isClosed, !isEnding else { return }
        isEnding = true
        if atOnce { return finish() }
        endTimer = loop.schedule(after: endTimeout) { [weak self] in self?.finish() }
        callAtEndOfTurn()
    }

    private func callAtEndOfTurn() {
        guard !wantsTurnEnd else { return }
        wantsTurnEnd = true
        loop.callAtEndOfTurn(self)
    }

    private func flush() {
        guard case .socket(let transport) = sink else {
            return isEnding ? finish() : ()
        }
        while !isClosed, !output.isEmpty {
            switch output.withUnsafeBytes(transport.write) {
            case .bytes(let count): output.removeFirst(count)
            case .wouldBlock: return wait(toWrite: true)
            case .ended, .failed: return finish()
            }
        }
        wait(toWrite: false)
        if isEnding { finish() }
    }

    private func wait(toWrite: Bool) {
        guard case .socket(let transport) = sink, !isClosed, toWrite != isWaitingToWrite else {
            return
        }
        isWaitingToWrite = toWrite
        loop.update(transport.fileDescriptor, for: toWrite ? [.readable, .writable] : .readable)
    }

    private func finish() {
        guard !isClosed else { return }
        isClosed = true
        endTimer.map(loop.cancel)
        switch sink {
        case .socket(let transport):
            loop.unregister(transport.fileDescriptor)
            transport.close()
        case .body(let body): body.end()
        }
        let last = handler
        handler = nil
        last?.closed(self)
    }
}

extension EventStream: EventLoopChannel {
    package func isReady(_ readiness: Readiness) {
        guard case .socket(let transport) = sink else { return }
        if readiness.contains(.hangUp) { return finish() }
        if readiness.contains(.writable) { flush() }
        guard !isClosed, readiness.contains(.readable) else { return }
        // A client of events says nothing: what it sends all the same is thrown away.
        switch transport.read(into: loop.readBuffer) {
        case .bytes, .wouldBlock: break
        case .ended, .failed: finish()
        }
    }

    package func turnEnded() {
        wantsTurnEnd = false
        guard !isClosed else { return }
        flush()
    }

    package func goAway() { end() }

    package func abort() { finish() }
}

/// Finds a stream for the one who is told that its client left.
///
/// `@unchecked Sendable` because it is touched on the stream's loop only.
private final class WeakStream: @unchecked Sendable {
    weak var stream: EventStream?
}
