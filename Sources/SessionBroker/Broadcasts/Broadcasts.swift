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
        let uses = state.withLock { state in
            let uses = state.entries[id]?.waiting ?? []
            if let live {
                state.entries[id] = Entry(live: live, coming: uses.count)
            } else {
                state.entries[id] = nil
            }
            return uses
        }
        for use in uses {
            if let live { run(use, live) } else { use(nil) }
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
            self?.letGo(id)
        }
    }

    /// Forgets a broadcast that nobody uses; called on its loop.
    private func letGo(_ id: BroadcastID) {
        state.withLock { state in
            guard state.entries[id]?.coming == 0 else { return }
            state.entries[id] = nil
        }
    }

    // MARK: Ending

    /// Ends a broadcast, and returns when all that was said in it is on disk.
    func end(_ owned: OwnedBroadcast, reason: String) async throws -> Broadcast {
        let store = store.user(owned.user)
        let id = owned.broadcast.id
        if state.withLock({ $0.entries[id] != nil }) {
            await withCheckedContinuation { continuation in
                withLive(owned) { live in
                    guard let live else { return continuation.resume() }
                    live.end(reason) { continuation.resume() }
                }
            }
        }
        return try await store.endBroadcast(id, reason: reason)
    }

    /// Closes what is open of a broadcast that was deleted.
    func remove(_ id: BroadcastID) {
        let entry = state.withLock { $0.entries.removeValue(forKey: id) }
        entry?.live?.onLoop { $0.abandon("broadcast_deleted", code: .normal) }
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

extension BroadcastPast {
    /// So many captions of each language are read for those who come back.
    static let limit = 1_000

    /// Reads what is stored of a broadcast; what was interrupted when the process before ended is marked
    /// as missing.
    static func read(
        _ broadcast: Broadcast,
        _ store: UserStore,
        at nowMs: Int64
    ) async throws -> BroadcastPast {
        if broadcast.isSpeaking { try await markInterruption(of: broadcast, store, at: nowMs) }
        var past = BroadcastPast()
        for track in try await store.tracks(of: broadcast.id) {
            past.tracks[track.language] = track
        }
        for language in past.tracks.keys {
            past.told[language] = try await store.latestCaptions(
                of: broadcast.id,
                language: language,
                limit: limit
            ).map(\.caption)
        }
        return past
    }

    private static func markInterruption(
        of broadcast: Broadcast,
        _ store: UserStore,
        at nowMs: Int64
    ) async throws {
        let elapsed = broadcast.startedAt.map { max(0, nowMs - $0.milliseconds) } ?? 0
        var gaps: [Caption] = []
        for state in try await store.tracks(of: broadcast.id) {
            let missing = try await store.missingCaptions(
                of: broadcast.id,
                language: state.language,
                last: state.lastSequence
            )
            var number = state.lastNumber
            for sequence in missing + [state.lastSequence + 1] {
                number += 1
                let isLast = sequence > state.lastSequence
                gaps.append(
                    Caption(
                        language: state.language,
                        sequence: sequence,
                        number: number,
                        kind: .gap,
                        reason: .brokerRestarted,
                        speaker: broadcast.speakers,
                        startMs: state.coveredMs,
                        endMs: isLast ? max(state.coveredMs, elapsed) : state.coveredMs
                    )
                )
            }
        }
        try await store.storeCaptions(gaps, of: broadcast)
        _ = try await store.endSpeaking(in: broadcast.id)
    }
}
