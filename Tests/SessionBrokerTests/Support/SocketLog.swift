import WebServer

/// A socket's handler that tells a test what it was called with.
///
/// `@unchecked Sendable` because `connection` is touched on the loop's thread only.
final class SocketLog: WebSocketHandler, @unchecked Sendable {
    private let loop: EventLoop
    private let messages: AsyncStream<WebSocketMessage>
    private let message: AsyncStream<WebSocketMessage>.Continuation
    private let closures: AsyncStream<WebSocketClosure>
    private let closure: AsyncStream<WebSocketClosure>.Continuation
    private var connection: WebSocketConnection?
    private let echoes: Bool

    init(loop: EventLoop, echoes: Bool = false) {
        self.loop = loop
        self.echoes = echoes
        (messages, message) = AsyncStream.makeStream()
        (closures, closure) = AsyncStream.makeStream()
    }

    /// The next message; nil at the end.
    func next() async -> WebSocketMessage? {
        await messages.first { _ in true }
    }

    /// How the socket ended.
    func ending() async -> WebSocketClosure? {
        await closures.first { _ in true }
    }

    /// Does something with the connection on its loop, if it is open.
    func perform(_ body: @escaping @Sendable (WebSocketConnection) -> Void) async {
        await withCheckedContinuation { continuation in
            let isTaken = loop.execute { [self] in
                if let connection { body(connection) }
                continuation.resume()
            }
            if !isTaken { continuation.resume() }
        }
    }

    func send(_ message: WebSocketMessage) async {
        await perform { $0.send(message) }
    }

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        self.message.yield(message)
        if echoes { connection.send(message) }
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        self.connection = nil
        message.finish()
        self.closure.yield(closure)
        self.closure.finish()
    }
}
