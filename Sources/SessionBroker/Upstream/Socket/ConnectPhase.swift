internal import CCurl
internal import WebServer

/// The first part of an attempt: libcurl connects; on the connecting loop's thread only.
///
/// libcurl's sockets come and go as it tries addresses, so they are in an epoll instance of this
/// phase's own, which itself is what the loop waits for.
final class ConnectPhase: EventLoopChannel {
    typealias Completion = (Result<Void, UpstreamSocketError>) -> Void

    private let loop: EventLoop
    private let handle: ConnectOnlyHandle
    private let poll: ConnectPoll
    private var timer: TimerID?
    /// Called once at most; nil once the phase is over.
    private var completion: Completion?

    /// - Returns: Nil when descriptors are used up.
    init?(_ handle: ConnectOnlyHandle, on loop: EventLoop, completion: @escaping Completion) {
        guard let poll = ConnectPoll() else { return nil }
        self.loop = loop
        self.handle = handle
        self.poll = poll
        self.completion = completion
    }

    /// Begins, and is kept alive by the loop until it is over.
    func start() {
        guard loop.register(self, poll.descriptor, for: .readable) else {
            completion?(.failure(.overloaded))
            completion = nil
            return
        }
        handle.beginConnecting { [poll] socket in poll.add(socket) }
        proceed()
    }

    /// Ends without a word.
    func stop() {
        guard completion != nil else { return }
        completion = nil
        loop.unregister(poll.descriptor)
        timer.map(loop.cancel)
    }

    private func proceed() {
        guard let completion else { return }
        timer.map(loop.cancel)
        timer = nil
        switch handle.continueConnecting() {
        case .waiting(let time):
            timer = time.map { loop.schedule(after: $0) { [weak self] in self?.proceed() } }
        case .ended(let code):
            stop()
            completion(code == CURLE_OK ? .success(()) : .failure(failure(code)))
        }
    }

    private func failure(_ code: CURLcode) -> UpstreamSocketError {
        let reason = handle.reason(for: code)
        return switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .hostNotFound(reason)
        case CURLE_OPERATION_TIMEDOUT: .timedOut(.connecting)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .invalidRequest(reason)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED:
            .tlsFailed(reason)
        // Refused, unreachable, reset, and whatever a proxy says.
        default: .connectFailed(reason)
        }
    }

    // MARK: The loop

    func isReady(_ readiness: Readiness) {
        poll.clear()
        proceed()
    }

    func turnEnded() {}

    func goAway() {
        let completion = completion
        stop()
        completion?(.failure(.shutDown))
    }

    func abort() { goAway() }
}
