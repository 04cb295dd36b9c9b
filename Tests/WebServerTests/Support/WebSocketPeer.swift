import Dispatch
import Glibc
import Synchronization
import Testing

@testable import WebServer

/// How often something happened, from any thread.
final class CallCounter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    @Sendable func increment() {
        count.withLock { $0 += 1 }
    }
}

/// The client's end of a socket pair, with blocking calls on a queue of its own.
///
/// `@unchecked Sendable` because sending and receiving each have a serial queue, and `framing` is
/// behind a lock.
final class WebSocketPeer: @unchecked Sendable {
    private let descriptor: Int32
    private let framing = Mutex(WebSocketFraming.shared(.client))
    private var pending: [WebSocketFraming.Event] = []
    private let sending = DispatchQueue(label: "peer.send")
    private let receiving = DispatchQueue(label: "peer.receive")

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        Glibc.close(descriptor)
    }

    func send(_ message: WebSocketMessage) async {
        await sendRaw(output { $0.send(message) })
    }

    func close(_ code: WebSocketCloseCode, _ reason: String) async {
        await sendRaw(output { $0.close(code, reason: reason) })
    }

    /// Ends the stream in both directions.
    func hangUp() async {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func sendRaw(_ bytes: [UInt8]) async {
        await withCheckedContinuation { continuation in
            sending.async { [self] in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = rest.withUnsafeBytes {
                        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    guard count > 0 else { break }
                    rest = rest.dropFirst(count)
                }
                continuation.resume()
            }
        }
    }

    /// The next event; nil at the end of the stream.
    func receive() async -> WebSocketFraming.Event? {
        await withCheckedContinuation { continuation in
            receiving.async { [self] in
                while pending.isEmpty {
                    let bytes = read(65_536)
                    guard !bytes.isEmpty else { return continuation.resume(returning: nil) }
                    let (events, answer) = framing.withLock {
                        ($0.value.receive(bytes), $0.value.output.removeAll())
                    }
                    pending += events
                    if !answer.isEmpty {
                        _ = answer.withUnsafeBytes {
                            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                        }
                    }
                }
                continuation.resume(returning: pending.removeFirst())
            }
        }
    }

    func receiveRaw(_ count: Int) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            receiving.async { [self] in continuation.resume(returning: read(count)) }
        }
    }

    private func read(_ limit: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = max(0, recv(descriptor, buffer.baseAddress, limit, 0))
        }
    }

    private func output(_ body: (WebSocketFraming) -> Void) -> [UInt8] {
        framing.withLock {
            body($0.value)
            return $0.value.output.removeAll()
        }
    }
}

extension WebSocketFraming {
    /// A framing that a lock passes around.
    struct Shared: ~Copyable, @unchecked Sendable {
        let value: WebSocketFraming
    }

    static func shared(_ role: Role) -> Shared {
        Shared(value: WebSocketFraming(role: role, maximumMessageBytes: 64 * 1_024 * 1_024))
    }
}

/// A handler that echoes, and tells a test what it was called with.
///
/// `@unchecked Sendable` because `connection` is touched on the loop's thread only.
final class EchoLog: WebSocketHandler, @unchecked Sendable {
    enum Entry: Equatable, Sendable {
        case opened
        case message(WebSocketMessage)
        case drained
        case closed(WebSocketClosure)
    }

    let loop: EventLoop
    private let entries: AsyncStream<Entry>
    private let record: AsyncStream<Entry>.Continuation
    private var connection: WebSocketConnection?

    init(loop: EventLoop) {
        self.loop = loop
        (entries, record) = AsyncStream.makeStream()
    }

    func next() async -> Entry? {
        await entries.first { _ in true }
    }

    /// Waits for the end.
    func closure() async -> WebSocketClosure {
        for await case .closed(let closure) in entries { return closure }
        return WebSocketClosure(code: 0, isByPeer: false)
    }

    /// Runs a body with the connection on its loop.
    func perform(_ body: @escaping @Sendable (WebSocketConnection) -> Void) async {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                if let connection { body(connection) }
                continuation.resume()
            }
        }
    }

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        record.yield(.opened)
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        record.yield(.message(message))
        connection.send(message)
    }

    func drained(_ connection: WebSocketConnection) {
        record.yield(.drained)
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        self.connection = nil
        record.yield(.closed(closure))
        record.finish()
    }
}

/// A server's connection on a socket pair; everything is shut down when `body` is done.
func withConnection(
    receivedBytes: [UInt8] = [],
    closes: CallCounter = CallCounter(),
    configure: (inout WebSocketConfiguration) -> Void = { _ in },
    _ body: (WebSocketPeer, EchoLog) async throws -> Void
) async throws {
    var descriptors: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
    let (ours, theirs) = (descriptors[0], descriptors[1])
    let peer = WebSocketPeer(descriptor: theirs)
    let loop = EventLoop()
    let log = EchoLog(loop: loop)
    var configuration = WebSocketConfiguration()
    configure(&configuration)
    let socket = UpgradedSocket(fileDescriptor: ours, receivedBytes: receivedBytes) {
        closes.increment()
        close(ours)
    }
    WebSocketConnection.open(
        SocketTransport(socket),
        role: .server,
        receivedBytes: receivedBytes,
        on: loop,
        configuration: configuration,
        makeHandler: { log }
    )
    do {
        try await body(peer, log)
    } catch {
        await loop.shutDown(limit: .zero)
        throw error
    }
    await loop.shutDown(limit: .zero)
}
