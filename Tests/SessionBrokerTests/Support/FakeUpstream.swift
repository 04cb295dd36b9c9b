import Glibc
import Locking
import Testing
import WebServer

/// A scripted HTTP/1.1 server on loopback, on raw sockets, so that it can misbehave in any way.
///
/// Each connection has a thread. `stop()` ends them all.
final class FakeUpstream: Sendable {
    /// A request as it came in.
    struct Request: Sendable {
        var method: String
        var target: String
        var headers: HTTPHeaders
        var body: [UInt8]
        /// Counts connections from 0, so that reuse can be seen.
        var connection: Int
    }

    /// One thing to do for an answer.
    enum Step: Sendable {
        case send([UInt8])
        /// Sends the bytes one by one with a pause of some milliseconds before each.
        case drip([UInt8], everyMilliseconds: Int32)
        /// Does what one likes, on the connection's thread; false ends the connection.
        case run(@Sendable (FakeConnection) -> Bool)
        /// Does nothing until the client closes.
        case hold
        /// Closes the connection.
        case close
        /// Closes the connection with a reset.
        case reset
    }

    typealias Script = @Sendable (Request) -> [Step]

    let port: UInt16
    private let arrivals: AsyncStream<Request>
    private let closures: AsyncStream<Int>

    private struct State {
        var requests: [Request] = []
        var sockets: Set<Int32> = []
        var threads: [pthread_t] = []
        var connectionCount = 0
        var isStopped = false
    }

    private let listener: Int32
    private let script: Script
    private let tls: FakeTLS?
    private let state = Mutex(State())
    private let arrival: AsyncStream<Request>.Continuation
    private let closure: AsyncStream<Int>.Continuation

    /// Listens on a free port, and answers with what the script says for each request.
    convenience init(tls: FakeTLS? = nil, _ script: @escaping Script) throws {
        try self.init(tls: tls, isListening: true, script)
    }

    /// One that refuses every connection until it is stopped.
    ///
    /// It holds its port: the port of a server that has gone may be another test's server by now.
    static func refusing() throws -> FakeUpstream {
        try FakeUpstream(isListening: false) { _ in [] }
    }

    private init(tls: FakeTLS? = nil, isListening: Bool, _ script: @escaping Script) throws {
        self.script = script
        self.tls = tls
        (arrivals, arrival) = AsyncStream.makeStream()
        (closures, closure) = AsyncStream.makeStream()
        (listener, port) = try bindOnLoopback()
        guard isListening else { return }
        try #require(listen(listener, 128) == 0)
        run { [self] in accept() }
    }

    /// The URL of a path here.
    func url(_ path: String = "/") -> String {
        "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)\(path)"
    }

    /// All requests so far.
    var requests: [Request] { state.withLock { $0.requests } }

    /// How many connections were made so far.
    var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// The next request that nobody waited for yet, nil after the end.
    @discardableResult
    func nextArrival() async -> Request? {
        var iterator = arrivals.makeAsyncIterator()
        return await iterator.next()
    }

    /// The number of the next connection that the client closed, nil after the end.
    func nextClosure() async -> Int? {
        var iterator = closures.makeAsyncIterator()
        return await iterator.next()
    }

    /// Ends all connections and threads.
    func stop() {
        let sockets = state.withLock { state in
            state.isStopped = true
            return state.sockets
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        while let thread = state.withLock({ $0.threads.popLast() }) { pthread_join(thread, nil) }
        close(listener)
    }

    // MARK: Threads

    private func run(_ body: @escaping @Sendable () -> Void) {
        let thread = startThread(body)
        state.withLock { $0.threads.append(thread) }
    }

    private func accept() {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            guard socket >= 0 else { return }
            let number: Int? = state.withLock { state in
                guard !state.isStopped else { return nil }
                state.sockets.insert(socket)
                defer { state.connectionCount += 1 }
                return state.connectionCount
            }
            guard let number else {
                close(socket)
                return
            }
            run { [self] in serve(socket, number) }
        }
    }

    private func serve(_ socket: Int32, _ number: Int) {
        let connection = FakeConnection(socket: socket, tls: tls?.accept(socket))
        while let request = connection.readRequest(number) {
            state.withLock { $0.requests.append(request) }
            arrival.yield(request)
            guard script(request).allSatisfy(connection.perform) else { break }
        }
        if connection.wasClosedByClient { closure.yield(number) }
        state.withLock { state in
            state.sockets.remove(socket)
            close(socket)
        }
    }
}

/// Runs a closure on a thread of its own.
private func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        guard let context else { return nil }
        Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
        return nil
    }
    pthread_create(&thread, nil, start, Unmanaged.passRetained(Box(body)).toOpaque())
    return thread
}

private func bindOnLoopback() throws -> (listener: Int32, port: UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(listener >= 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
        }
    }
    try #require(isBound)
    return (listener, UInt16(bigEndian: address.sin_port))
}
