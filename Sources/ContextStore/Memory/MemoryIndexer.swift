public import Logging

/// Keeps what is derived from messages (search index, sentences, facts) up to date.
///
/// It follows the store in the background, a moment behind. How far it has come is stored together
/// with what it made, so a crash loses nothing and doubles nothing. When the rules by which things
/// are derived have changed, it goes through all messages again, while what is there stays in use.
public actor MemoryIndexer {
    /// So many requests wait for the writer when it is busy.
    private static let manyWaiting = 8
    private static let longestPause: Duration = .seconds(1)
    /// How long new messages wait to be indexed together.
    ///
    /// Who asks about them does not wait: see ``catchUp(within:)``.
    private static let gatheringTime: Duration = .milliseconds(100)

    private let store: ContextStore
    private let logger: Logger
    private var following: Task<Void, Never>?
    private var pass: Task<MemoryPass, any Error>?

    /// Makes an indexer that does nothing yet.
    public init(store: ContextStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Starts to follow the store.
    public func start() {
        guard following == nil else { return }
        let changes = store.changes
        following = Task { await follow(changes) }
    }

    /// Stops following; what is behind is caught up on after the next start.
    public func stop() async {
        following?.cancel()
        await following?.value
        following = nil
        _ = await pass?.result
    }

    /// Indexes what was committed before the call, unless that takes longer than the limit.
    ///
    /// - Returns: Whether all of it is indexed.
    /// - Throws: ``ContextStoreError`` when the store cannot be read or written.
    @discardableResult
    public func catchUp(within limit: Duration = .seconds(3_600)) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        let goal = try await store.memoryProgress()
        guard goal.behind > 0 else { return true }
        while ContinuousClock.now < deadline {
            // One that runs already may have read before the goal was set: what it says does not
            // count.
            let isOld = pass != nil
            guard let done = try await result(of: currentPass(), until: deadline) else { break }
            if isOld { continue }
            let pass = try done.get()
            if pass.isAtEnd || pass.indexedTo >= goal.last && !pass.hasChangesLeft { return true }
        }
        return false
    }

    /// The pass that runs; begins one when none does.
    private func currentPass() -> Task<MemoryPass, any Error> {
        if let pass { return pass }
        let task = Task {
            defer { pass = nil }
            return try await store.indexNext()
        }
        pass = task
        return task
    }

    /// What a pass came to; nil when that takes too long: it goes on all the same.
    private func result(
        of pass: Task<MemoryPass, any Error>,
        until deadline: ContinuousClock.Instant
    ) async throws -> Result<MemoryPass, any Error>? {
        let (results, continuation) = AsyncStream<Result<MemoryPass, any Error>?>.makeStream()
        let waiting = Task { continuation.yield(await pass.result) }
        let timer = Task {
            try await Task.sleep(until: deadline)
            continuation.yield(nil)
        }
        defer {
            waiting.cancel()
            timer.cancel()
        }
        for await result in results { return result }
        throw CancellationError()
    }

    private func follow(_ changes: ConversationChanges) async {
        await catchUpInBackground()
        for await _ in changes {
            // A pass for each message would have the next message wait for its commit.
            try? await Task.sleep(for: Self.gatheringTime)
            guard !Task.isCancelled else { return }
            await catchUpInBackground()
        }
    }

    /// Indexes all there is; after a failure it waits for the next change to try again.
    private func catchUpInBackground() async {
        do {
            while !Task.isCancelled {
                if let pass {
                    _ = await pass.result
                    continue
                }
                let start = ContinuousClock.now
                if try await currentPass().value.isAtEnd { return }
                try await yieldToWrites(after: ContinuousClock.now - start)
            }
        } catch is CancellationError {
            // Stopped; what is behind is caught up on after the next start.
        } catch ContextStoreError.closed {
            // The store is gone; there is nothing left to follow.
        } catch {
            logger.error("indexing messages failed", metadata: ["cause": "\(error)"])
        }
    }

    /// Those who wait for their writes come first: while many do, indexing takes an eighth of the
    /// time, and falls behind rather than slow them down.
    private func yieldToWrites(after work: Duration) async throws {
        guard store.writer.waitingCount > Self.manyWaiting else { return }
        try await Task.sleep(for: min(work * 7, Self.longestPause))
    }
}
