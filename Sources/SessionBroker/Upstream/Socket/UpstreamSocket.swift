internal import Locking
internal import WebServer

/// An open WebSocket to upstream that nobody reads yet; closed when it is given up.
///
/// What upstream sends in the meantime waits in the system's buffers.
final class UpstreamSocket: Sendable {
    private let transport: Mutex<(any WebSocketTransport)?>
    private let receivedBytes: [UInt8]
    private let deflate: WebSocketDeflate?

    init(
        _ transport: any WebSocketTransport,
        receivedBytes: [UInt8],
        deflate: WebSocketDeflate?
    ) {
        self.deflate = deflate
        self.transport = Mutex(nil)
        self.receivedBytes = receivedBytes
        // Published under the lock: whoever takes it has all that was written before, which
        // ThreadSanitizer does not see of a continuation.
        self.transport.withLock { $0 = transport }
    }

    deinit {
        close()
    }

    /// Brings the socket to life on an event loop; once at most, from any thread.
    ///
    /// - Parameters:
    ///   - loop: Where it will live; when that has ended, the socket is closed.
    ///   - configuration: Its bounds.
    ///   - makeHandler: Makes its handler, on the loop's thread.
    /// - Returns: False when it was started or closed before.
    @discardableResult
    func start(
        on loop: EventLoop,
        configuration: WebSocketConfiguration = WebSocketConfiguration(),
        makeHandler: @escaping @Sendable () -> any WebSocketHandler
    ) -> Bool {
        guard let transport = transport.withLock({ $0.take() }) else { return false }
        WebSocketConnection.open(
            transport,
            role: .client,
            receivedBytes: receivedBytes,
            on: loop,
            configuration: configuration,
            deflate: deflate,
            makeHandler: makeHandler
        )
        return true
    }

    /// Closes a socket that was not started; otherwise, and a second time, does nothing.
    func close() {
        transport.withLock { $0.take() }?.close()
    }
}
