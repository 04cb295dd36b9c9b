internal import Captions
internal import ContextStore
internal import Locking
internal import Logging

/// Stores a broadcast's captions and usage in the order in which they came, off the event loop; what
/// waits while the store is busy is written together.
///
/// What the store cannot take now is tried again until it can: nothing that was said is given up.
final class CaptionRecorder: Sendable {
    private enum Work: Sendable {
        case caption(Caption)
        case usage(NewUsage)
        /// Somebody waits until all before is on disk.
        case flush(CheckedContinuation<Void, Never>)
    }

    private struct State {
        var waiting: [Work] = []
        var isStoring = false
        var isGivingUp = false
    }

    private static let firstPause: Duration = .milliseconds(50)
    private static let longestPause: Duration = .seconds(2)

    private let broadcast: Broadcast
    private let store: UserStore
    private let logger: Logger
    /// Called with what is on disk, in order, and with how many captions are done with.
    private let onStored: @Sendable ([Caption], _ done: Int) -> Void
    private let state = Mutex(State())

    init(
        _ broadcast: Broadcast,
        store: UserStore,
        logger: Logger,
        onStored: @escaping @Sendable ([Caption], _ done: Int) -> Void
    ) {
        self.broadcast = broadcast
        self.store = store
        self.logger = logger
        self.onStored = onStored
    }

    /// Stores a caption; from any thread.
    func record(_ caption: Caption) { add(.caption(caption)) }

    /// Stores what was consumed; from any thread.
    func record(_ usage: NewUsage) { add(.usage(usage)) }

    /// Returns when all that was recorded until now is on disk.
    func flush() async {
        await withCheckedContinuation { add(.flush($0)) }
    }

    /// Tries nothing again from now on, because the process must end.
    func giveUp() {
        state.withLock { $0.isGivingUp = true }
    }

    private func add(_ work: Work) {
        let begins = state.withLock { state in
            state.waiting.append(work)
            defer { state.isStoring = true }
            return !state.isStoring
        }
        if begins { Task { await storeWaiting() } }
    }

    private func storeWaiting() async {
        while let work = takeWaiting() {
            let captions = work.compactMap { if case .caption(let it) = $0 { it } else { nil } }
            if !captions.isEmpty {
                onStored(await store(captions) ? captions : [], captions.count)
            }
            for case .usage(let usage) in work {
                _ = await insist { [store] in try await store.recordUsage(usage) }
            }
            for case .flush(let continuation) in work { continuation.resume() }
        }
    }

    private func takeWaiting() -> [Work]? {
        state.withLock { state in
            defer { state.waiting = [] }
            state.isStoring = !state.waiting.isEmpty
            return state.isStoring ? state.waiting : nil
        }
    }

    private func store(_ captions: [Caption]) async -> Bool {
        await insist { [store, broadcast] in
            try await store.storeCaptions(captions, of: broadcast)
        }
    }

    /// Returns false when no attempt would help: the broadcast was deleted meanwhile, or all is given up.
    private func insist<Result>(_ body: @Sendable () async throws -> Result) async -> Bool {
        var pause = Self.firstPause
        while true {
            do {
                _ = try await body()
                return true
            } catch let error as ContextStoreError
                where error.mayPass && !state.withLock(\.isGivingUp)
            {
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            } catch {
                logger.warning(
                    "something of a broadcast was not stored",
                    metadata: [
                        "broadcast_id": .string(broadcast.id.text), "cause": "\(error)",
                    ]
                )
                return false
            }
        }
    }
}
