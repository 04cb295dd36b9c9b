internal import CMicroHTTPD
internal import Dispatch
internal import Glibc
public import Logging
internal import Locking

/// An HTTP/1.1 server on libmicrohttpd's epoll thread pool, with async handlers.
///
/// A connection is suspended while its handler runs, so that no server thread ever waits; each
/// handler has a deadline, because a suspended connection has no timeout of its own.
/// https://www.gnu.org/software/libmicrohttpd/manual/libmicrohttpd.html
public final class HTTPServer: Sendable {
    private struct State {
        var daemon: Daemon?
        var exchanges: [ObjectIdentifier: Exchange] = [:]
        /// Those that have no deadline any more, and go on for as long as their client likes.
        var lasting: [ObjectIdentifier: Exchange] = [:]
        var isDraining = false
        /// Nothing was in flight while draining; from then on nothing new is taken.
        var isClosed = false
        var whenIdle: CheckedContinuation<Void, Never>?
        var sweep: Task<Void, Never>?
        /// Refused connections are logged once a second at most.
        var nextRefusalLog = ContinuousClock.now

        var isIdle: Bool { exchanges.isEmpty && lasting.isEmpty }
    }

    /// libmicrohttpd's `struct MHD_Daemon *`.
    ///
    /// `@unchecked Sendable` because the daemon is thread-safe, and `stop` alone frees it.
    private struct Daemon: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    let configuration: Configuration
    let application: HTTPApplication
    let bodyBudget: BodyBudget
    private let counter: RequestCounter
    private let logger: Logger
    private let requestIDs = RequestIDGenerator()
    private let state = Mutex(State())

    /// Makes a server that does not listen yet.
    public init(
        configuration: Configuration,
        application: HTTPApplication,
        counter: RequestCounter = RequestCounter(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.counter = counter
        self.application = application
        self.logger = logger
        bodyBudget = BodyBudget(limitBytes: configuration.bodyMemoryLimitBytes)
    }

    /// Binds, listens and serves on threads of its own.
    ///
    /// - Returns: The port, which the system chose if 0 was configured.
    /// - Throws: ``ListenError`` when the address cannot be had.
    public func start() throws(ListenError) -> UInt16 {
        let socket = try ListenSocket(host: configuration.host, port: configuration.port)
        // The daemon keeps this reference; `stop` releases it.
        let context = Unmanaged.passRetained(self).toOpaque()
        guard let daemon = DaemonOptions.start(configuration, socket, context: context) else {
            let code = errno
            Unmanaged<HTTPServer>.fromOpaque(context).release()
            close(socket.fileDescriptor)
            throw ListenError(message: "libmicrohttpd did not start", code: code)
        }
        let sweep = Task { await sweepDeadlines() }
        state.withLock { state in
            state.daemon = Daemon(pointer: daemon)
            state.sweep = sweep
        }
        return socket.port
    }

    /// Stops gracefully: accepts nothing new, lets requests in flight finish, then closes.
    ///
    /// - Parameter limit: After this time what still runs is answered with 503 and streams are cut.
    public func drain(limit: Duration) async {
        guard
            let daemon = state.withLock({
                $0.isDraining = true; return $0.daemon.take()
            })
        else {
            return
        }
        // Gives the listening socket back; connections that are there live on.
        let socket = MHD_quiesce_daemon(daemon.pointer)
        if socket >= 0 { close(socket) }
        let guardTask = Task {
            try await Task.sleep(for: limit)
            abandonAll()
        }
        await waitUntilIdle()
        guardTask.cancel()
        state.withLock { $0.sweep.take() }?.cancel()
        await stop(daemon)
    }

    private func waitUntilIdle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = state.isIdle
                if state.isClosed { return true }
                state.whenIdle = continuation
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    private func abandonAll() {
        let all = state.withLock { Array($0.exchanges.values) + Array($0.lasting.values) }
        for exchange in all { exchange.abandon() }
    }

    /// Joins the server's threads, which blocks, so not on the cooperative pool.
    private func stop(_ daemon: Daemon) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                MHD_stop_daemon(daemon.pointer)
                // Balances `start`; libmicrohttpd calls nothing any more.
                Unmanaged.passUnretained(self).release()
                continuation.resume()
            }
        }
    }

    // MARK: Connections

    /// Whether one more client may be let in; who may not is cut off at once, which the log says.
    func admitsConnection() -> Bool {
        let (count, mayLog) = state.withLock { state in
            // Under the lock, as `drain` frees the daemon once it has taken it.
            let count = state.daemon.map { Int(CMicroHTTPD_connectionCount($0.pointer)) } ?? 0
            return (count, ContinuousClock.now >= state.nextRefusalLog)
        }
        let hasRoom = count < configuration.connectionLimit
        if hasRoom, FileDescriptors.areLeftForClients { return true }
        guard mayLog else { return false }
        state.withLock { $0.nextRefusalLog = .now + .seconds(1) }
        logger.warning(
            "a connection was refused",
            metadata: [
                "reason": hasRoom ? "out_of_file_descriptors" : "connection_limit",
                "connections": .stringConvertible(count),
            ]
        )
        return false
    }

    // MARK: Exchanges

    var isDraining: Bool {
        state.withLock { $0.isDraining }
    }

    /// Nil when the server stops: a request that comes then must not be suspended any more, and is
    /// dropped with its connection.
    func beginExchange(_ connection: OpaquePointer, url: String, method: String) -> Exchange? {
        let head = RequestHead(
            connection,
            url: url,
            method: method,
            id: requestIDs.next(),
            isSecure: configuration.tls != nil
        )
        let exchange = Exchange(server: self, connection: connection, head: head)
        let isTaken = state.withLock { state in
            if !state.isClosed { state.exchanges[ObjectIdentifier(exchange)] = exchange }
            return !state.isClosed
        }
        return isTaken ? exchange : nil
    }

    func endExchange(_ exchange: Exchange, ok: Bool) {
        exchange.completed(ok: ok)
        let whenIdle = state.withLock { state -> CheckedContinuation<Void, Never>? in
            let id = ObjectIdentifier(exchange)
            if state.exchanges.removeValue(forKey: id) == nil { state.lasting[id] = nil }
            guard state.isIdle, let whenIdle = state.whenIdle.take() else { return nil }
            state.isClosed = true
            return whenIdle
        }
        whenIdle?.resume()
    }

    /// An exchange has no deadline any more: of those there may be so many that they are not to be
    /// looked at again and again.
    func letLast(_ exchange: Exchange) {
        state.withLock { state in
            let id = ObjectIdentifier(exchange)
            guard let it = state.exchanges.removeValue(forKey: id) else { return }
            state.lasting[id] = it
        }
    }

    /// Looks for exchanges whose time is over, often enough for deadlines of seconds.
    private func sweepDeadlines() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: configuration.sweepInterval)
            let now = ContinuousClock.now
            for exchange in state.withLock({ Array($0.exchanges.values) }) {
                exchange.expire(at: now)
            }
        }
    }

    func log(_ request: HTTPRequest, status: Int?, duration: Duration) {
        counter.note(status: status)
        guard configuration.logsAccess else { return }
        logger.info(
            "request",
            metadata: [
                "request_id": .string(request.id),
                "method": .string(request.method.rawValue),
                "path": .string(request.rawPath),
                "status": .string(status.map(String.init) ?? "aborted"),
                "duration_ms": .string(duration.millisecondsText),
                "client": .string(request.remoteAddress),
            ]
        )
    }
}

extension Duration {
    /// Milliseconds with three decimals.
    fileprivate var millisecondsText: String {
        let microseconds =
            components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
        let fraction = String(microseconds % 1_000)
        return "\(microseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count)
            + fraction
    }
}
