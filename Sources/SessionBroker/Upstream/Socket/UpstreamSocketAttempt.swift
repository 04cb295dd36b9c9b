internal import WebServer

/// One attempt to open a socket; everything but `init` on the connecting loop's thread.
///
/// Kept alive by its phases while they last. Owns the connection until it succeeds.
/// `@unchecked Sendable` because all state is touched by the loop's thread only.
final class UpstreamSocketAttempt: @unchecked Sendable {
    /// What is asked of whom.
    struct Plan: Sendable {
        let origin: String
        let isSecure: Bool
        /// The request's head, with the key in it.
        let request: [UInt8]
        let handshake: WebSocketClientHandshake
        let scrubber: Scrubber
        let settings: UpstreamSocketOpener.Settings
        let trust: TrustStore?
    }

    /// A socket, ``UpstreamSocketError``, or `CancellationError`.
    typealias Outcome = Result<UpstreamSocket, any Error>

    private let plan: Plan
    private let loop: EventLoop
    /// Called exactly once; nil before the start and after the end.
    private var completion: ((Outcome) -> Void)?
    private var isCancelled = false
    private var handle: ConnectOnlyHandle?
    private var connecting: ConnectPhase?
    private var upgrading: UpgradePhase?
    private var deadline: TimerID?

    init(_ plan: Plan, on loop: EventLoop) {
        self.plan = plan
        self.loop = loop
    }

    /// Begins, unless the attempt was cancelled before; `completion` is called once in any case.
    func start(completion: @escaping (Outcome) -> Void) {
        self.completion = completion
        guard !isCancelled else { return cancel() }
        let handle = ConnectOnlyHandle(
            origin: plan.origin,
            settings: plan.settings.connection,
            trust: plan.trust
        )
        guard let handle else { return finish(.failure(UpstreamSocketError.overloaded)) }
        self.handle = handle
        deadline = loop.schedule(after: plan.settings.timeout) { [self] in
            let phase: UpstreamSocketError.Phase = upgrading == nil ? .connecting : .upgrading
            finish(.failure(UpstreamSocketError.timedOut(phase)))
        }
        connecting = ConnectPhase(handle, on: loop) { [self] in connected($0) }
        guard let connecting else { return finish(.failure(UpstreamSocketError.overloaded)) }
        connecting.start()
    }

    /// Ends the attempt; once it is over, does nothing.
    func cancel() {
        isCancelled = true
        finish(.failure(CancellationError()))
    }

    private func connected(_ result: Result<Void, UpstreamSocketError>) {
        connecting = nil
        if case .failure(let error) = result { return finish(.failure(error)) }
        guard let handle, let transport = UpstreamTransport(handle, isSecure: plan.isSecure) else {
            return finish(.failure(UpstreamSocketError.connectionLost))
        }
        upgrading = UpgradePhase(
            transport,
            request: plan.request,
            headLimitBytes: plan.settings.headLimitBytes,
            on: loop
        ) { [self] in upgraded($0, transport) }
        upgrading?.start()
    }

    private func upgraded(
        _ result: Result<UpgradeAnswer.Step, UpstreamSocketError>,
        _ transport: UpstreamTransport
    ) {
        switch result {
        case .failure(let error): finish(.failure(error))
        case .success(.incomplete): finish(.failure(UpstreamSocketError.connectionLost))
        case .success(.refused(let answer)):
            let rejection = UpstreamRejection(answer, scrubber: plan.scrubber)
            finish(.failure(UpstreamSocketError.rejected(rejection)))
        case .success(.switched(let headers, let rest)):
            do throws(WebSocketClientHandshake.Refusal) {
                let deflate = try plan.handshake.check(headers)
                // From here on the connection is the socket's.
                handle = nil
                let socket = UpstreamSocket(transport, receivedBytes: rest, deflate: deflate)
                finish(.success(socket))
            } catch {
                finish(.failure(UpstreamSocketError.upgradeNotConfirmed(error.description)))
            }
        }
    }

    private func finish(_ outcome: Outcome) {
        guard let completion else { return }
        self.completion = nil
        deadline.map(loop.cancel)
        // The phases first: they must let go of descriptors that closing gives back.
        connecting?.stop()
        upgrading?.stop()
        (connecting, upgrading) = (nil, nil)
        handle?.close()
        handle = nil
        completion(outcome)
    }
}
