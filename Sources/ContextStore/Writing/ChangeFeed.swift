internal import Locking

/// A segment of a conversation whose items changed.
public struct ConversationChange: Hashable, Sendable {
    /// Whose conversation it is.
    public let user: UserID
    /// The conversation.
    public let conversation: ConversationID
    /// The session in which something changed; nil for what is outside of sessions.
    public let session: SessionID?
}

/// What changed since the last time a follower asked.
public struct ChangeBatch: Sendable, Equatable {
    /// The changed segments, each once, in no order.
    public let segments: Set<ConversationChange>
    /// False when more changed than could be remembered: then look through everything.
    public let isComplete: Bool
}

/// What changes in the store from the moment it is asked for, until the store is closed.
///
/// Iterate it once. A follower that is slow finds changes merged, so nobody waits for it.
public struct ConversationChanges: AsyncSequence, Sendable {
    /// Yields the changes.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var signals: AsyncStream<Void>.Iterator
        fileprivate let feed: ChangeFeed
        fileprivate let number: Int

        /// The changes since the last call, at least one; nil when the store was closed.
        public mutating func next() async -> ChangeBatch? {
            while await signals.next() != nil {
                if let batch = feed.take(number) { return batch }
            }
            return nil
        }
    }

    fileprivate let signals: AsyncStream<Void>
    fileprivate let feed: ChangeFeed
    fileprivate let number: Int

    /// An iterator over the changes.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(signals: signals.makeAsyncIterator(), feed: feed, number: number)
    }
}

/// Hands committed changes to any number of followers, each at its own pace.
///
/// Memory is bounded: beyond `capacity` segments for one follower the rest is dropped, and its
/// next batch says so.
final class ChangeFeed: Sendable {
    private struct Follower {
        var segments: Set<ConversationChange> = []
        var isComplete = true
        let wake: AsyncStream<Void>.Continuation
    }

    private struct State {
        var followers: [Int: Follower] = [:]
        var nextNumber = 0
        var isFinished = false
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    func follow() -> ConversationChanges {
        // The signal holds one element: it says that there is something, not what.
        let (signals, wake) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let (number, isFinished) = state.withLock { state in
            state.nextNumber += 1
            if !state.isFinished { state.followers[state.nextNumber] = Follower(wake: wake) }
            return (state.nextNumber, state.isFinished)
        }
        if isFinished { wake.finish() }
        // A follower that was finished may still have something to read.
        wake.onTermination = { [weak self] reason in
            if case .cancelled = reason { self?.remove(number) }
        }
        return ConversationChanges(signals: signals, feed: self, number: number)
    }

    /// Tells every follower of changes.
    func tell(_ changes: Set<ConversationChange>) {
        guard !changes.isEmpty else { return }
        state.withLock { state in
            for number in state.followers.keys {
                guard var follower = state.followers.removeValue(forKey: number) else { continue }
                for change in changes where !follower.segments.contains(change) {
                    if follower.segments.count < capacity {
                        follower.segments.insert(change)
                    } else {
                        follower.isComplete = false
                    }
                }
                follower.wake.yield()
                state.followers[number] = follower
            }
        }
    }

    /// Ends every follower's sequence, behind what it has not read yet.
    func finish() {
        let wakes = state.withLock { state in
            state.isFinished = true
            return state.followers.values.map(\.wake)
        }
        for wake in wakes { wake.finish() }
    }

    fileprivate func take(_ number: Int) -> ChangeBatch? {
        state.withLock { state in
            guard let follower = state.followers[number], !follower.segments.isEmpty else {
                return nil
            }
            state.followers[number]?.segments = []
            state.followers[number]?.isComplete = true
            return ChangeBatch(segments: follower.segments, isComplete: follower.isComplete)
        }
    }

    private func remove(_ number: Int) {
        state.withLock { $0.followers[number] = nil }
    }
}
