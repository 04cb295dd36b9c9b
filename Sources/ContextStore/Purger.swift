internal import GRDB
internal import Locking

/// Removes the rows of deleted conversations and users, in steps that never hold up the writer.
///
/// What is deleted is marked in the database, so the work goes on after a crash. A step for which the
/// writer is too busy is tried again; one that fails, because the disk is full say, ends the run, and
/// another begins a while later, with the next deletion or with the next opening.
final class Purger: Sendable {
    /// How long a busy writer is left alone.
    private static let pause: Duration = .milliseconds(100)

    private let writer: GroupCommitWriter
    private let database: any DatabaseWriter
    private let step: Int
    /// How long after a failure that may pass another run begins.
    private let retryPause: Duration
    /// Idempotency keys up to this moment are expired.
    private let oldestKey: @Sendable () -> Timestamp

    private struct State {
        var run: Task<Void, any Error>?
        /// Waits to begin another run.
        var retry: Task<Void, any Error>?
        /// Something was deleted since the run began; it looks again before it ends.
        var isAskedAgain = false
        var isStopped = false
    }

    private let state = Mutex(State())

    init(
        writer: GroupCommitWriter,
        database: any DatabaseWriter,
        configuration: ContextStore.Configuration
    ) {
        self.writer = writer
        self.database = database
        step = configuration.purgeStep
        retryPause = configuration.purgeRetryPause
        oldestKey = {
            configuration.now().adding(configuration.idempotencyLifetime * -1)
        }
    }

    /// Begins to remove what is deleted, unless that is under way.
    func start() {
        state.withLock { state in
            guard !state.isStopped else { return }
            guard state.run == nil else { return state.isAskedAgain = true }
            state.run = Task { try await self.run() }
        }
    }

    /// Removes what is deleted, and returns when nothing is left.
    ///
    /// - Throws: The error of the step that failed.
    func finish() async throws {
        start()
        try await state.withLock { $0.run }?.value
    }

    /// Ends behind the step under way; nothing begins again.
    func stop() async {
        let run = state.withLock { state in
            state.isStopped = true
            state.retry?.cancel()
            return state.run
        }
        run?.cancel()
        _ = await run?.result
    }

    private func run() async throws {
        do {
            repeat {
                while try await removeSome() { try Task.checkCancellation() }
            } while isAskedAgain()
        } catch {
            let failure = ContextStoreError.translating(error) as? ContextStoreError
            state.withLock { state in
                state.run = nil
                if failure?.mayPass == true { tryAgainLater(&state) }
            }
            throw error
        }
    }

    private func tryAgainLater(_ state: inout State) {
        guard !state.isStopped else { return }
        state.retry?.cancel()
        state.retry = Task {
            try await Task.sleep(for: retryPause)
            start()
        }
    }

    /// Whether there may be more to do; if not, the run counts as ended.
    private func isAskedAgain() -> Bool {
        state.withLock { state in
            defer { state.isAskedAgain = false }
            if !state.isAskedAgain { state.run = nil }
            return state.isAskedAgain
        }
    }

    /// Does one step; false when there was nothing to do.
    private func removeSome() async throws -> Bool {
        let purge = Purge(oldestKey: oldestKey())
        guard try await database.read(purge.isNeeded) else { return false }
        let step = step
        do {
            try await writer.perform { context in
                try purge.removeSome(context.db, limit: step)
            }
        } catch ContextStoreError.overloaded {
            // Those who wait for their writes come first.
            try await Task.sleep(for: Self.pause)
        }
        return true
    }
}
