internal import Locking

/// A response body that is made while it is sent, through a bounded buffer.
///
/// The producer runs as a task of its own and waits in ``write(_:)`` while the client is behind.
/// When the client leaves, the task is cancelled and `write` throws `CancellationError`.
public final class ResponseStream: Sendable {
    /// Makes the body by calling ``write(_:)``; returning ends it, throwing breaks the connection
    /// off, so that the client sees that something is missing.
    public typealias Producer = @Sendable (ResponseStream) async throws -> Void

    /// What the sending side got.
    enum Piece {
        case bytes(Int)
        case wait
        case end
        case failure
    }

    private struct State {
        var buffer = ByteQueue()
        var isFinished = false
        var isFailed = false
        var isCancelled = false
        var task: Task<Void, Never>?
        var wakeSender: (@Sendable () -> Void)?
        var waitingProducer: CheckedContinuation<Void, Never>?

        /// Takes waiting bytes, as many as there are and fit.
        mutating func take(into target: UnsafeMutableRawBufferPointer) -> Int {
            let count = min(buffer.count, target.count)
            buffer.withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[..<count])) }
            buffer.removeFirst(count)
            return count
        }
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let producer: Producer?
    private let onCancel: @Sendable () -> Void

    /// Makes a stream that is fed by ``offer(_:)``, without a task of its own.
    ///
    /// - Parameter onCancel: Called when the client has left; from any thread, perhaps more than once.
    public init(onCancel: @escaping @Sendable () -> Void) {
        capacity = .max
        producer = nil
        self.onCancel = onCancel
    }

    /// Makes a stream; the producer starts when the answer's header goes out.
    ///
    /// - Parameters:
    ///   - capacity: How many bytes may wait for the client before `write` waits.
    ///   - producer: Who makes the body.
    public init(capacity: Int = 256 * 1_024, producer: @escaping Producer) {
        self.capacity = capacity
        self.producer = producer
        onCancel = {}
    }

    /// How many bytes wait for the client.
    public var pendingBytes: Int { state.withLock { $0.buffer.count } }

    /// How many bytes are kept for it.
    var heldBytes: Int { state.withLock { $0.buffer.heldCount } }

    /// Appends bytes to the body of a stream that is fed; the caller bounds ``pendingBytes``.
    public func offer(_ bytes: [UInt8]) {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.isCancelled, !state.isFinished else { return nil }
            state.buffer.append(shared: bytes)
            return state.wakeSender.take()
        }
        wake?()
    }

    /// Ends the body of a stream that is fed.
    public func end() {
        if producer == nil { finish(failed: false) }
    }

    /// Appends bytes to the body, once the buffer has room.
    ///
    /// - Throws: `CancellationError` when the client is gone or the server stops.
    public func write(_ bytes: [UInt8]) async throws {
        await waitForRoom()
        let wake = try state.withLock { state throws -> (@Sendable () -> Void)? in
            if state.isCancelled { throw CancellationError() }
            state.buffer.append(shared: bytes)
            return state.wakeSender.take()
        }
        wake?()
    }

    private func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                if state.isCancelled || state.buffer.count < capacity { return true }
                state.waitingProducer = continuation
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }

    func start() {
        guard let producer else { return }
        let task = Task {
            do {
                try await producer(self)
                finish(failed: false)
            } catch {
                finish(failed: true)
            }
        }
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    private func finish(failed: Bool) {
        let wake = state.withLock { state in
            state.isFinished = true
            state.isFailed = failed
            state.task = nil
            return state.wakeSender.take()
        }
        wake?()
    }

    /// Stops the producer; what was not sent is dropped and the connection is broken off.
    func cancel() {
        let (task, producer, wake) = state.withLock { state in
            state.isCancelled = true
            return (state.task.take(), state.waitingProducer.take(), state.wakeSender.take())
        }
        task?.cancel()
        producer?.resume()
        wake?()
        onCancel()
    }

    /// Copies waiting bytes into a buffer.
    ///
    /// When nothing waits, `suspend` is called under the lock and must give a closure that wakes
    /// the sender; it is called once, from any thread.
    func read(
        into target: UnsafeMutableRawBufferPointer,
        suspend: () -> (@Sendable () -> Void)
    ) -> Piece {
        let (piece, producer) = state.withLock {
            state -> (Piece, CheckedContinuation<Void, Never>?) in
            if state.isCancelled { return (.failure, nil) }
            guard !state.buffer.isEmpty else {
                if state.isFinished { return (state.isFailed ? .failure : .end, nil) }
                state.wakeSender = suspend()
                return (.wait, nil)
            }
            let count = state.take(into: target)
            let hasRoom = state.buffer.count < capacity
            return (.bytes(count), hasRoom ? state.waitingProducer.take() : nil)
        }
        producer?.resume()
        return piece
    }

    /// The whole body, for tests without a socket.
    public func collect() async throws -> [UInt8] {
        let collector = Mutex<[UInt8]>([])
        start()
        while true {
            var chunk = [UInt8](repeating: 0, count: 64 * 1_024)
            let (wakes, wake) = AsyncStream.makeStream(of: Void.self)
            let piece = chunk.withUnsafeMutableBytes { read(into: $0) { { wake.finish() } } }
            switch piece {
            case .bytes(let count): collector.withLock { $0.append(contentsOf: chunk[..<count]) }
            case .wait: for await _ in wakes {}
            case .end: return collector.withLock { $0 }
            case .failure: throw CancellationError()
            }
        }
    }
}
