internal import ContextStore
internal import JSON
internal import Locking
internal import Logging
internal import WebServer

/// All live sessions of this process: begins them, finds them, ends them, and waits for them at the
/// end.
final class LiveSessions: Sendable {
    private struct Ending {
        let recorder: TranscriptRecorder
        let task: Task<Void, Never>
    }

    private struct State {
        var sessions: [SessionID: LiveSession] = [:]
        /// Sessions whose settings upstream has taken.
        var attached: Set<SessionID> = []
        /// Sessions that are being written down; all are waited for at the end.
        var endings: [SessionID: Ending] = [:]
        /// Told of each session that is attached or gone.
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
        var waiterCount = 0
        /// Sessions of before this process that are waited for.
        var waits: [Task<Void, Never>] = []
        var isShutDown = false
    }

    let services: LiveServices
    let summaries: SummaryKeeper
    private let hangUp: @Sendable (_ callID: String) async -> Void
    private let group: EventLoopGroup
    private let state = Mutex(State())

    /// - Parameters:
    ///   - services: What the sessions share.
    ///   - summaries: Sums them up.
    ///   - threads: How many loops carry them.
    ///   - hangUp: Ends a call upstream.
    init(
        services: LiveServices,
        summaries: SummaryKeeper,
        threads: Int,
        hangUp: @escaping @Sendable (_ callID: String) async -> Void
    ) {
        self.services = services
        self.summaries = summaries
        self.hangUp = hangUp
        group = EventLoopGroup(count: threads, name: "live")
    }

    /// Whether no session is begun any more.
    var isStopping: Bool { state.withLock { $0.isShutDown } }

    /// How many there are.
    var count: Int { state.withLock { $0.sessions.count } }

    /// Answers a client's opening handshake with a session of its own.
    ///
    /// - Throws: `HTTPError` 409 for a session that is live already, 503 while the broker stops, and
    ///   what the handshake is refused for.
    func upgrade(_ request: HTTPRequest, _ plan: LiveSession.Plan) throws -> HTTPResponse {
        let session = try add(plan)
        do {
            let arrival: ClientSide.Arrival = plan.isResumed ? .again(after: nil) : .first
            let response = try upgrade(request, to: session, arrival)
            session.onLoop { $0.expectClient() }
            return response
        } catch {
            remove(plan.session.id)
            throw error
        }
    }

    /// Answers the handshake of a client that comes back; nil when the session is not live.
    ///
    /// - Throws: `HTTPError` 409 when a browser asks for what a server of the owner's began, which
    ///   may do and see more than it; and what the handshake is refused for.
    func rejoin(
        _ request: HTTPRequest,
        _ admitted: AdmittedSession,
        after eventID: String?
    ) throws -> HTTPResponse? {
        guard let session = state.withLock({ $0.sessions[admitted.session.id] }),
            session.plan.carrier == .relay
        else {
            return nil
        }
        guard admitted.isTrusted || !session.plan.isTrusted else {
            throw HTTPError(
                status: 409,
                code: "session_in_use",
                message: "The session is in use by a server."
            )
        }
        return try upgrade(request, to: session, .again(after: eventID))
    }

    /// Keeps a sideband on a call, until that ends.
    ///
    /// - Throws: `HTTPError` 409 for a session that is live already or a call that another session has,
    ///   503 while the broker stops.
    func follow(_ plan: LiveSession.Plan) throws {
        let session = try add(plan)
        session.onLoop {
            $0.startClock()
            $0.begin()
        }
    }

    /// Refuses a call that a session follows already: whoever knows a call's id is not yet in it.
    ///
    /// - Throws: `HTTPError` 409 for such a call.
    func requireIsFree(call id: String) throws(HTTPError) {
        try state.withLock { state throws(HTTPError) in
            try Self.requireIsFree(.call(id: id), in: state)
        }
    }

    private static func requireIsFree(
        _ carrier: LiveSession.Carrier,
        in state: State
    ) throws(HTTPError) {
        guard carrier != .relay else { return }
        guard !state.sessions.values.contains(where: { $0.plan.carrier == carrier }) else {
            throw HTTPError(
                status: 409,
                code: "call_in_use",
                message: "Another session has this call."
            )
        }
    }

    /// Whether a session goes on.
    func isLive(_ id: SessionID) -> Bool {
        state.withLock { $0.sessions[id] != nil }
    }

    /// Returns when a sideband is attached or has failed; after a while in any case.
    func waitUntilAttached(_ id: SessionID) async {
        await wait(limit: services.attachTime) { [self] in
            state.withLock { $0.sessions[id] == nil || $0.attached.contains(id) }
        }
    }

    /// Ends a session; returns whether it was live.
    @discardableResult
    func end(_ id: SessionID, reason: String) -> Bool {
        guard let session = state.withLock({ $0.sessions[id] }) else { return false }
        session.onLoop { $0.end(reason) }
        return true
    }

    /// Ends what is live in a conversation.
    func endAll(in conversation: ConversationID, reason: String) {
        let sessions = state.withLock { Array($0.sessions.values) }
        for session in sessions where session.plan.session.conversationID == conversation {
            session.onLoop { $0.end(reason) }
        }
    }

    /// Ends a session, and returns when all that was said in it is on disk; after a while in any case.
    func endAndWait(_ id: SessionID, reason: String) async {
        guard end(id, reason: reason) else { return }
        await wait(limit: services.drainTime + .seconds(3)) { [self] in !isLive(id) }
    }

    /// Ends all sessions, and returns when what they said is on disk.
    func shutDown(limit: Duration) async {
        let sessions = state.withLock { state in
            state.isShutDown = true
            return Array(state.sessions.values)
        }
        let waits = state.withLock { $0.waits }
        for wait in waits { wait.cancel() }
        for wait in waits { await wait.value }
        for session in sessions { session.onLoop { $0.end("shutdown", code: .goingAway) } }
        // Transcripts that upstream owes are worth waiting for.
        await wait(limit: limit) { [self] in count == 0 }
        await group.shutDown(limit: limit)
        await waitForEndings(limit: limit)
    }

    /// Waits until all is on disk; what the store does not take within the limit is given up, and
    /// logged.
    private func waitForEndings(limit: Duration) async {
        let endings = state.withLock { Array($0.endings.values) }
        let timer = Task {
            try await Task.sleep(for: limit)
            for ending in endings { ending.recorder.giveUp() }
        }
        for ending in endings { await ending.task.value }
        timer.cancel()
    }

    /// Does something that a shutdown cancels and waits for.
    func background(_ work: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            guard !state.isShutDown else { return }
            state.waits.append(Task { await work() })
        }
    }

    private func upgrade(
        _ request: HTTPRequest,
        to session: LiveSession,
        _ arrival: ClientSide.Arrival
    ) throws -> HTTPResponse {
        try WebSocketUpgrade.response(
            to: request,
            subprotocols: ["realtime"],
            on: session.loop
        ) {
            ClientSide(session, arrival)
        }
    }

    private func add(_ plan: LiveSession.Plan) throws(HTTPError) -> LiveSession {
        let id = plan.session.id
        let session = LiveSession(
            plan,
            on: group.next(),
            services: services,
            onAttached: { [weak self] in self?.noteAttached(id) },
            onEnd: { [weak self] reason in self?.ended(plan, reason) }
        )
        try state.withLock { state throws(HTTPError) in
            guard !state.isShutDown else { throw .overloaded("The broker is stopping.") }
            guard state.sessions[id] == nil else {
                throw HTTPError(
                    status: 409,
                    code: "session_in_use",
                    message: "The session is in use already."
                )
            }
            try Self.requireIsFree(plan.carrier, in: state)
            state.sessions[id] = session
        }
        return session
    }

    private func noteAttached(_ id: SessionID) {
        let isNews = state.withLock { $0.attached.insert(id).inserted }
        if isNews { wakeWaiters() }
    }

    private func remove(_ id: SessionID) {
        state.withLock { state in
            state.sessions[id] = nil
            state.endings[id] = nil
            state.attached.remove(id)
        }
        wakeWaiters()
    }

    private func wakeWaiters() {
        for waiter in state.withLock({ Array($0.waiters.values) }) { waiter.yield() }
    }

    /// Returns when a condition holds that sessions bring about which begin or end, or the time is
    /// over.
    private func wait(limit: Duration, until isMet: @Sendable () -> Bool) async {
        let (signals, signal) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let number = state.withLock { state in
            state.waiterCount += 1
            state.waiters[state.waiterCount] = signal
            return state.waiterCount
        }
        signal.yield()
        let timer = Task {
            try await Task.sleep(for: limit)
            signal.finish()
        }
        for await _ in signals where isMet() { break }
        timer.cancel()
        state.withLock { $0.waiters[number] = nil }
    }

    /// Writes the rest down, ends the session, and sums it up.
    private func ended(_ plan: LiveSession.Plan, _ reason: String) {
        let id = plan.session.id
        guard let session = state.withLock({ $0.sessions[id] }), let recorder = session.recorder
        else { return }
        services.rateLimits.forget(id)
        state.withLock { state in
            let task = Task { [self] in
                if case .call(let callID) = plan.carrier, reason != "call_ended" {
                    await hangUp(callID)
                }
                await recorder.flush()
                await session.settingsKeeper.flush()
                if !goesOnLater(plan, reason) { await writeEnd(plan, reason) }
                remove(id)
            }
            state.endings[id] = Ending(recorder: recorder, task: task)
        }
    }

    /// Whether a session's client may come back to it once the broker has been restarted.
    private func goesOnLater(_ plan: LiveSession.Plan, _ reason: String) -> Bool {
        reason == "shutdown" && plan.clientMayComeBack && services.reconnectTime > .zero
    }

    private func writeEnd(_ plan: LiveSession.Plan, _ reason: String) async {
        do {
            try await plan.store.endSession(plan.session.id, reason: reason)
            try await summaries.summarize(plan.session, of: plan.store)
        } catch {
            services.logger.error(
                "a session could not be ended",
                metadata: [
                    "session_id": .string(plan.session.id.text), "cause": "\(error)",
                ]
            )
        }
    }
}
