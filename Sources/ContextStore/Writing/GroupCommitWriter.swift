internal import GRDB
internal import Locking

/// The one writer: requests queue, and one transaction commits all that wait.
///
/// Batches form by themselves: while one is being committed, the next gathers. An idle store
/// commits at once. Every request is answered after the commit of its transaction. Work runs on
/// GRDB's own writer queue, one transaction at a time, so other uses of that queue get their turn.
///
/// Waiting requests are bounded by number and by bytes; beyond that a request is refused as
/// ``ContextStoreError/overloaded``. A single request may exceed the bytes if nothing else waits.
final class GroupCommitWriter: Sendable {
    /// The bounds of the queue and of a transaction.
    struct Limits: Sendable {
        var waitingRequests = 10_000
        var waitingBytes = 64 << 20
        var batchRequests = 512
        var batchBytes = 8 << 20
    }

    /// A piece of work: done inside the transaction, answered behind it.
    private struct Request: Sendable {
        let weight: Int
        /// Does the work; returns how to tell the caller that it is on disk.
        let attempt: @Sendable (WriteContext) throws -> @Sendable () -> Void
        /// Tells the caller that it is not.
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        // Requests before `head` are done with; the array is cut when a batch is taken.
        var waiting: [Request] = []
        var waitingBytes = 0
        var isRunning = false
        var isClosed = false
        var idleWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let database: any DatabaseWriter
    private let limits: Limits
    private let didCommit: @Sendable (WriteContext) -> Void
    private let state = Mutex(State())

    init(
        _ database: any DatabaseWriter,
        limits: Limits = Limits(),
        didCommit: @escaping @Sendable (WriteContext) -> Void = { _ in }
    ) {
        self.database = database
        self.limits = limits
        self.didCommit = didCommit
    }

    /// Does a piece of work in a transaction, and returns once that is durable.
    ///
    /// The work either happens as a whole or not at all. It may run twice, the first time without
    /// effect. Cancelling the caller does not take back what is queued.
    ///
    /// - Parameters:
    ///   - weight: About how many bytes the request holds while it waits.
    ///   - work: What to do; runs on the writer's queue.
    /// - Returns: What the work returned.
    /// - Throws: What the work threw, ``ContextStoreError/overloaded``, or
    ///   ``ContextStoreError/unavailable(_:)`` when the transaction failed.
    func perform<Value: Sendable>(
        weight: Int = 512,
        _ work: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            let request = Request(
                weight: weight,
                attempt: { context in
                    let value = try work(context)
                    return { continuation.resume(returning: value) }
                },
                fail: { continuation.resume(throwing: ContextStoreError.translating($0)) }
            )
            enqueue(request)
        }
    }

    /// How many requests wait for a transaction now.
    var waitingCount: Int {
        state.withLock { $0.waiting.count }
    }

    /// Refuses further requests, and returns when all that waited are answered.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.isRunning { state.idleWaiters.append(continuation) }
                return !state.isRunning
            }
            if isIdle { continuation.resume() }
        }
    }

    private func enqueue(_ request: Request) {
        enum Admission {
            case queued, start
            case refused(ContextStoreError)
        }
        let admission = state.withLock { state -> Admission in
            if state.isClosed { return .refused(.closed) }
            let bytes = state.waitingBytes + request.weight
            let isFull =
                state.waiting.count >= limits.waitingRequests
                || (bytes > limits.waitingBytes && !state.waiting.isEmpty)
            if isFull { return .refused(.overloaded) }
            state.waiting.append(request)
            state.waitingBytes = bytes
            defer { state.isRunning = true }
            return state.isRunning ? .queued : .start
        }
        switch admission {
        case .queued: break
        case .start: schedule()
        case .refused(let error): request.fail(error)
        }
    }

    private func schedule() {
        database.asyncWriteWithoutTransaction { db in
            self.runOneBatch(db)
        }
    }

    private func runOneBatch(_ db: Database) {
        run(takeBatch(), db)
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
            guard state.waiting.isEmpty else { return nil }
            state.isRunning = false
            defer { state.idleWaiters = [] }
            return state.idleWaiters
        }
        guard let waiters else { return schedule() }
        for waiter in waiters { waiter.resume() }
    }

    private func takeBatch() -> [Request] {
        state.withLock { state in
            var count = 0
            var bytes = 0
            for request in state.waiting.prefix(limits.batchRequests) {
                bytes += request.weight
                if count > 0 && bytes > limits.batchBytes { break }
                count += 1
            }
            let batch = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            state.waitingBytes -= batch.reduce(0) { $0 + $1.weight }
            return batch
        }
    }

    // MARK: - One transaction

    /// How a request that did not fail the whole transaction came out.
    private enum Outcome {
        case done(@Sendable () -> Void)
        case failed(any Error)
    }

    /// A request failed after it had written: only savepoints can take that back.
    private struct NeedsSavepoints: Error {}

    private func run(_ batch: [Request], _ db: Database) {
        do {
            let (outcomes, context) = try commit(batch, db)
            didCommit(context)
            for (request, outcome) in zip(batch, outcomes) {
                switch outcome {
                case .done(let answer): answer()
                case .failed(let error): request.fail(error)
                }
            }
        } catch {
            for request in batch { request.fail(error) }
        }
    }

    /// Commits a batch, without savepoints if that turns out right.
    ///
    /// A request that fails before it has written anything leaves nothing to take back, so most
    /// batches never need a savepoint. One that fails later has the batch done again with them.
    private func commit(_ batch: [Request], _ db: Database) throws -> ([Outcome], WriteContext) {
        do {
            return try transaction(batch, db, attempting: attemptPlainly)
        } catch is NeedsSavepoints {
            return try transaction(batch, db, attempting: attemptInSavepoint)
        }
    }

    private func transaction(
        _ batch: [Request],
        _ db: Database,
        attempting attempt: (Request, WriteContext) throws -> Outcome
    ) throws -> ([Outcome], WriteContext) {
        let context = WriteContext(db)
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(batch.count)
        try db.inTransaction(.immediate) {
            for request in batch { outcomes.append(try attempt(request, context)) }
            return .commit
        }
        return (outcomes, context)
    }

    private func attemptPlainly(_ request: Request, _ context: WriteContext) throws -> Outcome {
        let changes = context.db.totalChangesCount
        do {
            return .done(try request.attempt(context))
        } catch  where ContextStoreError.isOfOneRequest(error) {
            guard context.db.totalChangesCount == changes else { throw NeedsSavepoints() }
            return .failed(error)
        }
    }

    private func attemptInSavepoint(_ request: Request, _ context: WriteContext) throws -> Outcome {
        let inner = WriteContext(context.db)
        var outcome: Outcome?
        do {
            try context.db.inSavepoint {
                outcome = .done(try request.attempt(inner))
                return .commit
            }
            context.absorb(inner)
        } catch  where ContextStoreError.isOfOneRequest(error) {
            outcome = .failed(error)
        }
        // Not nil: the savepoint's body either set it or threw.
        return outcome ?? .failed(ContextStoreError.closed)
    }
}
