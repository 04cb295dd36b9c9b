/// Sends requests with libcurl over connections that are reused.
///
/// Over TLS, requests that are safe to repeat share an HTTP/2 connection where the server offers it.
/// One thread owns all of libcurl and waits for all sockets at once. Any task may send. Redirects
/// are not followed; proxies are taken from the environment, as libcurl does, unless that is turned
/// off.
///
/// libcurl itself repeats a request whose reused connection turns out to be dead before a byte of
/// the answer came, as browsers do; it cannot be told not to.
final class HTTPClient: Sendable {
    private let settings: Settings
    private let pacing: Pacing
    private let inbox: TransferInbox
    private let thread: TransferThread

    /// Starts the client's thread.
    ///
    /// - Throws: ``HTTPClientError/transferFailed(_:)`` when the system refuses a thread or a socket.
    init(
        settings: Settings = .fromEnvironment(),
        pacing: Pacing = .live
    ) throws(HTTPClientError) {
        self.settings = settings
        self.pacing = pacing
        inbox = try TransferInbox(limit: settings.inFlightLimit)
        thread = try TransferThread(inbox: inbox, settings: settings)
    }

    deinit {
        shutdown()
    }

    /// Sends a request and waits for the whole answer, whatever its status.
    ///
    /// Tries again, while the request's time lasts, when no connection came about, and, for a request
    /// that is safe to repeat, when its connection was lost or a 429 or 503 says when to come back.
    ///
    /// - Throws: ``HTTPClientError``, or `CancellationError` when the task is cancelled, which also
    ///   ends the transfer.
    func send(_ request: OutgoingRequest) async throws -> IncomingResponse {
        try request.validate()
        let deadline = ContinuousClock.now + request.timeout
        var attempt = 1
        while true {
            let outcome = await transfer(request, deadline: deadline)
            let policy = RetryPolicy(attemptLimit: settings.attemptLimit, pacing: pacing)
            guard
                let pause = policy.pause(
                    after: outcome,
                    attempt: attempt,
                    isSafeToRepeat: request.isSafeToRepeat
                ), ContinuousClock.now + pause < deadline
            else { return try outcome.get() }
            try await pacing.sleep(pause)
            attempt += 1
        }
    }

    /// Fails what is under way with ``HTTPClientError/shutDown``, and waits for the thread's end.
    ///
    /// That takes milliseconds. May be called more than once; the first call does the work.
    func shutdown() {
        inbox.close()
        thread.join()
    }

    private func transfer(
        _ request: OutgoingRequest,
        deadline: ContinuousClock.Instant
    ) async -> TransferOutcome {
        let id = inbox.makeID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                inbox.submit(
                    Submission(
                        id: id,
                        request: request,
                        deadline: deadline,
                        continuation: continuation
                    )
                )
                // A cancellation that came before the submission found nothing to cancel.
                if Task.isCancelled { inbox.cancel(id) }
            }
        } onCancel: {
            inbox.cancel(id)
        }
    }
}
