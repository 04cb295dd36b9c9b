internal import ContextStore
internal import Locking
internal import Logging
internal import Transcript

/// Stores a session's transcript in the order in which it came, off the event loop.
///
/// What waits while the store is busy is written together, each item once as it is by then. What the
/// store cannot take now is tried again until it can, or until the process ends.
final class TranscriptRecorder: Sendable {
    /// Whose transcript it is.
    struct Subject: Sendable {
        let store: UserStore
        let conversation: ConversationID
        let session: SessionID
    }

    private enum Work: Sendable {
        case action(TranscriptAction)
        /// The session has this id upstream, and is in use.
        case activate(upstreamID: String?)
        /// Somebody waits until all before is on disk.
        case flush(CheckedContinuation<Void, Never>)

        var isFlush: Bool { if case .flush = self { true } else { false } }
    }

    /// The pauses between attempts while the store takes nothing.
    private static let firstPause: Duration = .milliseconds(50)
    private static let longestPause: Duration = .seconds(2)

    private let subject: Subject
    private let logger: Logger
    /// Called with what is on disk, and with how much of the work is done.
    private let onStored: @Sendable ([StoredItem], _ done: Int) -> Void
    private struct State {
        var meter: UsageMeter
        var waiting: [Work] = []
        /// Whether a task is storing; there is one only as long as something waits.
        var isStoring = false
        /// Whether what the store cannot take is given up.
        var isGivingUp = false
    }

    private let state: Mutex<State>

    init(
        _ subject: Subject,
        meter: UsageMeter,
        logger: Logger,
        onStored: @escaping @Sendable ([StoredItem], _ done: Int) -> Void
    ) {
        self.subject = subject
        state = Mutex(State(meter: meter))
        self.logger = logger
        self.onStored = onStored
    }

    /// Stores what is to be done for an event; from any thread.
    ///
    /// - Returns: How much work that is, as it is told of later.
    func record(_ actions: [TranscriptAction]) -> Int {
        add(actions.map(Work.action))
    }

    /// Notes that the session is in use.
    ///
    /// - Returns: How much work that is.
    func activate(upstreamID: String?) -> Int {
        add([.activate(upstreamID: upstreamID)])
    }

    /// From now on another model transcribes what the user says.
    func transcribes(with model: String) {
        state.withLock { $0.meter.transcriptionModel = model }
    }

    /// Returns when all that was recorded until now is on disk.
    func flush() async {
        await withCheckedContinuation { _ = add([.flush($0)]) }
    }

    /// Tries nothing again from now on, because the process must end.
    func giveUp() {
        state.withLock { $0.isGivingUp = true }
    }

    private func add(_ work: [Work]) -> Int {
        guard !work.isEmpty else { return 0 }
        let begins = state.withLock { state in
            state.waiting += work
            defer { state.isStoring = true }
            return !state.isStoring
        }
        if begins { Task { await storeWaiting() } }
        return work.count
    }

    /// Stores until nothing waits.
    private func storeWaiting() async {
        while let work = takeWaiting() {
            var stored: [StoredItem] = []
            for batch in Self.batches(of: work) { stored += await perform(batch) }
            onStored(stored, work.count { !$0.isFlush })
        }
    }

    private func takeWaiting() -> [Work]? {
        state.withLock { state in
            defer { state.waiting = [] }
            state.isStoring = !state.waiting.isEmpty
            return state.isStoring ? state.waiting : nil
        }
    }

    private enum Batch {
        case items([TranscriptItem])
        case delete(String)
        case usage(TranscriptUsage)
        case activate(upstreamID: String?)
        case flush(CheckedContinuation<Void, Never>)
    }

    /// Neighbouring items together, each as it is last.
    private static func batches(of work: [Work]) -> [Batch] {
        var batches: [Batch] = []
        var items: [TranscriptItem] = []
        func endItems() {
            if !items.isEmpty { batches.append(.items(items)) }
            items = []
        }
        for work in work {
            switch work {
            case .action(.store(let item)), .action(.checkpoint(let item)):
                if let index = items.firstIndex(where: { $0.id == item.id }) {
                    items[index] = item
                } else {
                    items.append(item)
                }
            case .action(.delete(let id)):
                endItems()
                batches.append(.delete(id))
            case .action(.recordUsage(let usage)): batches.append(.usage(usage))
            case .activate(let id):
                endItems()
                batches.append(.activate(upstreamID: id))
            case .flush(let continuation):
                endItems()
                batches.append(.flush(continuation))
            }
        }
        endItems()
        return batches
    }

    private func perform(_ batch: Batch) async -> [StoredItem] {
        let (store, conversation, session) = (
            subject.store, subject.conversation, subject.session
        )
        switch batch {
        case .items(let items):
            let new = items.compactMap { NewItem($0, in: session) }
            return await append(new)
        case .delete(let id):
            await insist { try await store.deleteItem(upstreamID: id, in: conversation) }
        case .usage(let usage):
            let new = state.withLock(\.meter).usage(usage)
            await insist { try await store.recordUsage(new) }
        case .activate(let id):
            await insist { _ = try await store.markSessionActive(session, upstreamID: id) }
        case .flush(let continuation): continuation.resume()
        }
        return []
    }

    /// Stores items together; when one of them is refused, each by itself.
    private func append(_ items: [NewItem]) async -> [StoredItem] {
        guard !items.isEmpty else { return [] }
        let (store, conversation) = (subject.store, subject.conversation)
        var refusal: (any Error)?
        let stored = await insist(refused: { refusal = $0 }) {
            try await store.append(items, to: conversation)
        }
        if let stored { return stored }
        guard items.count > 1 else {
            log(refusal, item: items.first?.upstreamID)
            return []
        }
        var all: [StoredItem] = []
        for item in items { all += await append([item]) }
        return all
    }

    @discardableResult
    private func insist<Value: Sendable>(
        refused: ((any Error) -> Void)? = nil,
        _ body: @Sendable () async throws -> Value
    ) async -> Value? {
        var pause = Self.firstPause
        while true {
            do {
                return try await body()
            } catch let error as ContextStoreError
                where error.mayPass && !state.withLock({ $0.isGivingUp })
            {
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            } catch {
                if let refused { refused(error) } else { log(error, item: nil) }
                return nil
            }
        }
    }

    /// Deleted meanwhile, or damaged: no attempt would help.
    private func log(_ error: (any Error)?, item: String?) {
        logger.warning(
            "an item of a transcript was not stored",
            metadata: [
                "session_id": .string(subject.session.text), "item_id": .string(item ?? "-"),
                "cause": "\(error.map { "\($0)" } ?? "-")",
            ]
        )
    }
}
