internal import CLinux
internal import Glibc
internal import Locking

/// How one transfer ended: with an answer, ``HTTPClientError``, or `CancellationError`.
typealias TransferOutcome = Result<IncomingResponse, any Error>

/// One transfer on its way to the client's thread.
struct Submission: Sendable {
    let id: UInt64
    let request: OutgoingRequest
    let deadline: ContinuousClock.Instant
    /// Resumed exactly once: by the inbox when it refuses, else by the thread.
    let continuation: CheckedContinuation<TransferOutcome, Never>
}

/// The way from all tasks to the client's thread.
///
/// Bounded by the number of transfers under way, the thread's own included: what is beyond is
/// refused at once, so that a slow upstream never makes us collect requests without end.
final class TransferInbox: Sendable {
    /// What the thread takes out at once.
    struct Work {
        var submissions: [Submission] = []
        var cancellations: [UInt64] = []
        var isClosed = false
    }

    private struct State {
        var work = Work()
        var inFlight = 0
        var lastID: UInt64 = 0
        /// Whether the thread may be asleep and nobody has signalled since.
        var needsSignal = false
    }

    /// An eventfd(2), readable when there is work; open as long as this object lives.
    let signalDescriptor: Int32
    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) throws(HTTPClientError) {
        self.limit = limit
        signalDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard signalDescriptor >= 0 else { throw .transferFailed("eventfd: errno \(errno)") }
    }

    deinit {
        Glibc.close(signalDescriptor)
    }

    /// A number that no other transfer of this inbox has.
    func makeID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Queues a transfer, or refuses it through its continuation.
    func submit(_ submission: Submission) {
        let refusal: HTTPClientError? = state.withLock { state in
            guard !state.work.isClosed else { return .shutDown }
            guard state.inFlight < limit else { return .overloaded }
            state.inFlight += 1
            state.work.submissions.append(submission)
            signal(&state)
            return nil
        }
        if let refusal { submission.continuation.resume(returning: .failure(refusal)) }
    }

    /// Asks for the end of a transfer; one that has ended already, or is not known, is ignored.
    ///
    /// At most two for each transfer, so the list is bounded as the transfers are.
    func cancel(_ id: UInt64) {
        state.withLock { state in
            state.work.cancellations.append(id)
            signal(&state)
        }
    }

    /// Refuses everything from now on, and tells the thread to end.
    func close() {
        state.withLock { state in
            state.work.isClosed = true
            signal(&state)
        }
    }

    /// Gives a transfer's place to another; for the thread alone.
    func release() {
        state.withLock { $0.inFlight -= 1 }
    }

    /// Takes all that is there; for the thread alone.
    func take() -> Work {
        state.withLock { state in
            state.needsSignal = true
            defer { state.work = Work(isClosed: state.work.isClosed) }
            return state.work
        }
    }

    /// Wakes the thread once between two looks of its into the inbox.
    ///
    /// Nobody reads the counter: the thread waits for its edges.
    private func signal(_ state: inout State) {
        guard state.needsSignal else { return }
        state.needsSignal = false
        // Fails only at 2^64 - 1 signals.
        eventfd_write(signalDescriptor, 1)
    }
}
