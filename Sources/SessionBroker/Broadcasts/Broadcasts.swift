internal import Captions
internal import ContextStore
internal import Locking
internal import Logging
internal import WebServer

/// All broadcasts of this process in which somebody speaks or listens: takes them up, finds them, ends
/// them.
final class Broadcasts: Sendable {
    typealias Use = @Sendable (LiveBroadcast?) -> Void

    /// One that is in use, or is being read.
    private struct Entry {
        var live: LiveBroadcast?
        /// What is to be done when it is read.
        var waiting: [Use] = []
        /// Uses that were asked for and have not begun.
        var coming = 0
        /// Whether it was deleted while it was being read.
        var isRemoved = false
    }

    private struct State {
        var entries: [BroadcastID: Entry] = [:]
        var isShutDown = false
    }

    let services: BroadcastServices
    private let store: ContextStore
    private let group: EventLoopGroup
    private let state = Mutex(State())

    /// - Parameters:
    ///   - services: What the broadcasts share.
    ///   - store: Where they are kept.
    ///   - threads: How many loops carry them and their listeners.
    init(services: BroadcastServices, store: ContextStore, threads: Int) {
        self.services = services
        self.store = store
        group = EventLoopGroup(count: threads, name: "broadcast")
    }

    /// How many are in use.
    var count: Int { state.withLock { $0.entries.count } }

    /// How many of those who listen or speak may be here, so that no more are let in while it stops.
    var isShutDown: Bool { state.withLock { $0.isShutDown } }

    /// The loop for the next listener.
    func nextLoop() -> EventLoop { group.next() }

    /// The loop of a broadcast, the same each time it is taken up.
    func loop(of id: BroadcastID) -> EventLoop {
        let sum = id.text.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return group.loops[sum % group.loops.count]
    }

    /// Does something with a broadcast on its loop, taking it up first if need be.
    ///
    /// `use` gets nil when it cannot be read, or the broker stops; then on any thread.
    func withLive(_ owned: OwnedBroadcast, _ use: @escaping Use) {
        let id = owned.broadcast.id
        let (live, mustRead, isRefused) = state.withLock { state in
            guard !state.isShutDown else { return (nil as LiveBroadcast?, false, true) }
            var entry = state.entries[id] ?? Entry()
            let isNew = state.entries[id] == nil
            if entry.live == nil { entry.waiting.append(use) } else { entry.coming += 1 }
            state.entries[id] = entry
            return (entry.live, isNew, false)
        }
        if isRefused { return use(nil) }
        if let live { return run(use, live) }
        if mustRead { Task { await takeUp(owned) } }
    }

    private func run(_ use: @escaping Use, _ live: LiveBroadcast) {
        let id = live.id
        let isTaken = live.loop.execute { [self] in
            use(live)
            state.withLock { $0.entries[id]?.coming -= 1 }
        }
        if !isTaken { use(nil) }
    }

    // MARK: Taking up

    private func takeUp(_ owned: OwnedBroadcast) async {
        let id = owned.broadcast.id
        var live: LiveBroadcast?
        do {
            live = try await read(owned)
        } catch {
            services.logger.error(
                "a broadcast cannot be taken up",
                metadata: ["broadcast_id": .string(id.text), "cause": "\(error)"]
            )
        }
        let (taken, uses) = register(live, id)
        taken?.onLoop { $0.begin() }
        for use in uses {
            if let taken { run(use, taken) } else { use(nil) }
        }
    }

    /// Notes what was read, unless nobody is to have it any more.
    ///
    /// - Returns: It, and what is to be done with it.
    private func register(
        _ live: LiveBroadcast?,
        _ id: BroadcastID
    ) -> (live: LiveBroadcast?, uses: [Use]) {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: id) else { return (nil, []) }
            guard let live, !entry.isRemoved, !state.isShutDown else { return (nil, entry.waiting) }
            state.entries[id] = Entry(live: live, coming: entry.waiting.count)
            return (live, entry.waiting)
        }
    }

    private func read(_ owned: OwnedBroadcast) async throws -> LiveBroadcast {
        let store = store.user(owned.user)
        let id = owned.broadcast.id
        // Whoever was here first may have an old idea of it.
        let broadcast = try await store.broadcast(id)
        let past = try await BroadcastPast.read(
            broadcast,
            store,
            at: services.wallClockMilliseconds()
        )
        return LiveBroadcast(
            OwnedBroadcast(user: owned.user, broadcast: broadcast),
            past,
            on: loop(of: id),
            rooms: group.loops.map { ListenerRoom(on: $0) },
            services: services,
            store: store,
            safetyIdentifier: try SafetyIdentifier.make(for: owned.user)
        ) { [weak self] in
            self?.letGo(id) ?? true
        }
    }

    /// Forgets a broadcast that nobody uses; called on its loop.
    ///
    /// - Returns: False when somebody is about to use it.
    private func letGo(_ id: BroadcastID) -> Bool {
        state.withLock { state in
            guard state.entries[id].map({ $0.coming == 0 }) ?? true else { return false }
            state.entries[id] = nil
            return true
        }
    }

    /// Does something with a broadcast if it is in use, or about to be.
    private func withLiveInUse(_ owned: OwnedBroadcast, _ use: @escaping Use) {
        let isInUse = state.withLock { $0.entries[owned.broadcast.id] != nil }
        if isInUse { withLive(owned, use) } else { use(nil) }
    }

    // MARK: Ending

    /// Ends a broadcast, and returns when all that was said in it is on disk.
    func end(
        _ owned: OwnedBroadcast,
        reason: String,
        once record: IdempotencyRecord<Broadcast>? = nil
    ) async throws -> IdempotentAnswer<Broadcast> {
        await endLive(owned, reason)
        let ended = try await store.user(owned.user).endBroadcast(
            owned.broadcast.id,
            reason: reason,
            once: record
        )
        // Who came meanwhile may have read what was before.
        await endLive(owned, reason)
        return ended
    }

    private func endLive(_ owned: OwnedBroadcast, _ reason: String) async {
        await withCheckedContinuation { continuation in
            withLiveInUse(owned) { live in
                guard let live else { return continuation.resume() }
                live.end(reason) { continuation.resume() }
            }
        }
    }

    /// Lets those go who came by a token that was replaced.
    func tokenReplaced(_ owned: OwnedBroadcast) {
        withLiveInUse(owned) { $0?.tokenReplaced() }
    }

    /// Closes what is open of a broadcast that was deleted.
    func remove(_ id: BroadcastID) {
        let live = state.withLock { state -> LiveBroadcast? in
            guard let live = state.entries[id]?.live else {
                // It is for the one who reads it to forget it.
                state.entries[id]?.isRemoved = true
                return nil
            }
            state.entries[id] = nil
            return live
        }
        live?.onLoop { $0.abandon("broadcast_deleted", code: .normal) }
    }

    /// Ends all connections, and returns when what was said is on disk.
    func shutDown(limit: Duration) async {
        let all = state.withLock { state in
            state.isShutDown = true
            return state.entries.values.compactMap(\.live)
        }
        for live in all { live.onLoop { $0.shutDown() } }
        await group.shutDown(limit: limit)
        await flush(all.compactMap(\.recorder), limit: limit)
    }

    /// Waits until all is on disk; what the store does not take within the limit is given up, and
    /// logged.
    private func flush(_ recorders: [CaptionRecorder], limit: Duration) async {
        let timer = Task {
            try await Task.sleep(for: limit)
            for recorder in recorders { recorder.giveUp() }
        }
        for recorder in recorders { await recorder.flush() }
        timer.cancel()
    }
}
