internal import CMicroHTTPD
internal import Locking

/// One request and its answer on a libmicrohttpd connection.
///
/// libmicrohttpd's callbacks for a connection all come on that connection's thread; the handler's
/// task and the deadline sweep come from elsewhere. A connection is suspended exactly while its
/// phase is `running` or `detached`, and resumed exactly once, by whoever ends that phase.
final class Exchange: Sendable {
    enum Phase {
        /// The body is coming in.
        case receiving(Route.Handler, deadline: Duration?)
        /// The answer is known, but the client still sends its body.
        case discarding(HTTPResponse)
        /// The handler works; the connection is suspended.
        case running(Task<Void, Never>?, until: ContinuousClock.Instant)
        /// The answer waits for the connection's thread.
        case ready(HTTPResponse)
        /// The answer belongs to libmicrohttpd.
        case sending(status: Int, ResponseStream?, UpgradeAcceptor?)
        /// Somebody else writes the answer to the socket; the connection is suspended until they are
        /// done, and then closed.
        case detached(status: Int, isGivenBack: Bool)
        /// The connection's socket must not be touched any more.
        case ended
    }

    private struct State {
        var phase: Phase
        var request: HTTPRequest
        var receivedBytes = 0
        var reservedBytes = 0
    }

    let started = ContinuousClock.now
    private let server: HTTPServer
    // Unsafe because libmicrohttpd's pointer is shared with other threads; they only use it to
    // resume the suspended connection, which its manual allows at any time, and under `state`.
    private nonisolated(unsafe) let connection: OpaquePointer
    private let state: Mutex<State>
    private let needsDiscard: Bool

    init(server: HTTPServer, connection: OpaquePointer, head: RequestHead) {
        self.server = server
        self.connection = connection
        let phase: Phase
        var head = head
        switch head.admit(server) {
        case .handle(let handler, let deadline): phase = .receiving(handler, deadline: deadline)
        case .answer(let response): phase = .discarding(response)
        }
        needsDiscard = head.shouldReadBodyBeforeAnswering(server.configuration)
        state = Mutex(State(phase: phase, request: head.request))
    }

    // MARK: Calls from libmicrohttpd, on the connection's thread

    /// The head is there: an answer that need not wait for the body goes out now.
    func headReceived() -> MHD_Result {
        let response: HTTPResponse? = state.withLock { state in
            guard case .discarding(let response) = state.phase, !needsDiscard else { return nil }
            return response
        }
        guard let response else { return .YES }
        return send(response)
    }

    /// A piece of the body is there.
    ///
    /// - Returns: `MHD_NO` to break the connection off: an answer cannot be given in mid-body.
    func bodyReceived(_ piece: UnsafeRawBufferPointer) -> MHD_Result {
        state.withLock { state in
            state.receivedBytes += piece.count
            guard state.receivedBytes <= server.configuration.discardLimitBytes else {
                return .NO
            }
            guard case .receiving = state.phase else { return .YES }
            let limit = server.configuration.bodyLimitBytes
            if state.receivedBytes > limit {
                discard(.bodyTooLarge(limit: limit), &state)
            } else if !server.bodyBudget.reserve(piece.count) {
                discard(.overloaded("Too many large requests are being received."), &state)
            } else {
                state.reservedBytes += piece.count
                state.request.body.append(contentsOf: piece)
            }
            return .YES
        }
    }

    private func discard(_ error: HTTPError, _ state: inout State) {
        state.request.body = []
        state.phase = .discarding(server.application.response(for: error, state.request))
    }

    /// The request is whole, or its answer is ready.
    func proceed() -> MHD_Result {
        // Decided by the phase that is found: a handler that is started here may end at once.
        let next: (response: HTTPResponse?, result: MHD_Result) = state.withLock { state in
            switch state.phase {
            case .receiving(let handler, let deadline):
                run(handler, deadline: deadline, &state)
                return (nil, .YES)
            case .discarding(let response), .ready(let response): return (response, .YES)
            case .detached: return (nil, .NO)
            case .running, .sending, .ended: return (nil, .YES)
            }
        }
        guard let response = next.response else { return next.result }
        return send(response)
    }

    private func run(_ handler: @escaping Route.Handler, deadline: Duration?, _ state: inout State)
    {
        // Suspended before the task starts, so that its answer always finds it so.
        MHD_suspend_connection(connection)
        let until = ContinuousClock.now + (deadline ?? server.configuration.handlerDeadline)
        let request = state.request
        state.request.body = []
        let application = server.application
        let task = Task {
            answer(await application.run(handler, request))
        }
        state.phase = .running(task, until: until)
    }

    private func send(_ response: HTTPResponse) -> MHD_Result {
        var response = response
        if server.isDraining { response.headers["Connection"] = "close" }
        var stream: ResponseStream?
        if case .stream(let body) = response.body { stream = body }
        let acceptor = UpgradeAcceptor(of: response)
        state.withLock { $0.phase = .sending(status: response.status, stream, acceptor) }
        if stream != nil || acceptor != nil { server.letLast(self) }
        return ResponseWriter.queue(response, on: connection, acceptor: acceptor)
    }

    /// The request is over, whatever became of it; the socket is still open, but not for long.
    func completed(ok: Bool) {
        let (phase, request, reserved) = state.withLock { state in
            let old = state.phase
            state.phase = .ended
            return (old, state.request, state.reservedBytes)
        }
        server.bodyBudget.release(reserved)
        var status: Int?
        switch phase {
        case .sending(let sent, let stream, _):
            status = sent
            stream?.cancel()
        case .detached(let sent, _): status = sent
        default: break
        }
        // Whoever wrote a detached answer has ended it; libmicrohttpd only sees the socket go.
        var isWhole = ok
        if case .detached = phase { isWhole = true }
        server.log(request, status: isWhole ? status : nil, duration: started.duration(to: .now))
    }

    // MARK: Calls from other threads

    private func answer(_ response: HTTPResponse) {
        if case .detached(let accept) = response.body { return detach(response, accept) }
        let mustResume = state.withLock { state in
            guard case .running = state.phase else { return false }
            state.phase = .ready(response)
            return true
        }
        if mustResume { MHD_resume_connection(connection) }
    }

    /// Gives the socket away; the connection stays suspended until it is given back.
    private func detach(
        _ response: HTTPResponse,
        _ accept: (UpgradedSocket, _ head: [UInt8]) -> Void
    ) {
        let isRunning = state.withLock { state in
            guard case .running = state.phase else { return false }
            state.phase = .detached(status: response.status, isGivenBack: false)
            return true
        }
        guard isRunning else { return }
        server.letLast(self)
        let socket = UpgradedSocket(
            fileDescriptor: CMicroHTTPD_socket(connection),
            receivedBytes: [],
            close: { [self] in giveBack() }
        )
        accept(socket, RawResponse.head(of: response))
    }

    private func giveBack() {
        let isFirst = state.withLock { state in
            guard case .detached(let status, false) = state.phase else { return false }
            state.phase = .detached(status: status, isGivenBack: true)
            return true
        }
        guard isFirst else { return }
        // The client is told at once; libmicrohttpd closes only at the next event on the socket.
        RawResponse.shutDown(CMicroHTTPD_socket(connection))
        MHD_resume_connection(connection)
    }

    /// Ends what has taken too long: a handler gets a 503 sent in its place, a body a 408.
    func expire(at now: ContinuousClock.Instant) {
        let task: Task<Void, Never>? = state.withLock { state in
            switch state.phase {
            case .running(let task, let until) where until <= now: return task
            case .receiving, .discarding:
                if started + server.configuration.bodyDeadline <= now { refuseBody(state.request) }
                return nil
            default: return nil
            }
        }
        guard let task else { return }
        answer(server.application.response(for: .deadlineExceeded, request))
        task.cancel()
    }

    /// Stops everything, for the end of a drain whose time is over.
    func abandon() {
        expire(at: .now + .seconds(86_400))
        let stream: ResponseStream? = state.withLock { state in
            if case .detached(_, isGivenBack: false) = state.phase {
                // Whoever has the socket sees that, and gives it back.
                RawResponse.shutDown(CMicroHTTPD_socket(connection))
            }
            guard case .sending(_, let stream, _) = state.phase else { return nil }
            // A client that does not read its answer must not hold the server up.
            if stream == nil { RawResponse.shutDown(CMicroHTTPD_socket(connection)) }
            return stream
        }
        stream?.cancel()
    }

    private var request: HTTPRequest {
        state.withLock { $0.request }
    }

    /// Answers in mid-body, past libmicrohttpd, which takes no answer there.
    ///
    /// Then shuts the socket down, so that libmicrohttpd sees the end of the stream. Under TLS only
    /// the end comes. Called under `state`'s lock, which `completed` needs too: the socket is open.
    private func refuseBody(_ request: HTTPRequest) {
        let socket = CMicroHTTPD_socket(connection)
        let response = server.application.response(for: .bodyTimeout, request)
        if !request.isSecure { RawResponse.write(response, to: socket) }
        RawResponse.shutDown(socket)
    }
}
