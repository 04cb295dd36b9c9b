internal import WebServer

/// The second part of an attempt: the opening handshake over a connection that stands; on the
/// connecting loop's thread only.
final class UpgradePhase: EventLoopChannel {
    typealias Completion = (Result<UpgradeAnswer.Step, UpstreamSocketError>) -> Void

    private let loop: EventLoop
    private let transport: any WebSocketTransport
    private var request: ArraySlice<UInt8>
    private var answer: UpgradeAnswer
    /// Called once at most; nil once the phase is over.
    private var completion: Completion?

    init(
        _ transport: any WebSocketTransport,
        request: [UInt8],
        headLimitBytes: Int,
        on loop: EventLoop,
        completion: @escaping Completion
    ) {
        self.loop = loop
        self.transport = transport
        self.request = request[...]
        answer = UpgradeAnswer(headLimitBytes: headLimitBytes)
        self.completion = completion
    }

    /// Begins, and is kept alive by the loop until it is over.
    func start() {
        guard loop.register(self, transport.fileDescriptor, for: [.readable, .writable]) else {
            completion?(.failure(.overloaded))
            completion = nil
            return
        }
    }

    /// Ends without a word; the transport stays open.
    func stop() {
        guard completion != nil else { return }
        completion = nil
        loop.unregister(transport.fileDescriptor)
    }

    private func finish(_ result: Result<UpgradeAnswer.Step, UpstreamSocketError>) {
        let completion = completion
        stop()
        completion?(result)
    }

    private func send() {
        while !request.isEmpty {
            switch request.withUnsafeBytes(transport.write) {
            case .bytes(let count): request = request.dropFirst(count)
            case .wouldBlock: return
            // An early answer may say why; without one, reading tells the end.
            case .ended, .failed: request = []
            }
        }
        loop.update(transport.fileDescriptor, for: .readable)
    }

    /// Reads until it would block, because TLS may hold bytes that epoll does not know of.
    ///
    /// Bounded by what the answer may have of head and body.
    private func read() {
        while completion != nil {
            do throws(UpstreamSocketError) {
                let step: UpgradeAnswer.Step
                switch transport.read(into: loop.readBuffer) {
                case .bytes(let count):
                    let bytes = UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count])
                    step = try answer.receive(bytes)
                case .wouldBlock: return
                case .ended, .failed: step = try answer.end()
                }
                if case .incomplete = step { continue }
                finish(.success(step))
            } catch {
                finish(.failure(error))
            }
        }
    }

    // MARK: The loop

    func isReady(_ readiness: Readiness) {
        if readiness.contains(.writable) { send() }
        read()
    }

    func turnEnded() {}

    func goAway() { finish(.failure(.shutDown)) }

    func abort() { goAway() }
}
