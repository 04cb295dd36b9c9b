internal import ContextStore
internal import JSON
internal import Logging
internal import Transcript
internal import WebServer

/// One session while it goes on: its socket to upstream, its client if it is relayed, and the
/// transcript of what is said.
///
/// Events pass unchanged and in order, but for the few that a policy concerns. A socket that is full
/// stops the reading of the other side, and so does a store that falls behind, so that what a session
/// holds in memory is bounded. Upstream's sessions end; this one goes on in the next (renewal).
///
/// `@unchecked Sendable` because all state is touched by the loop's thread only; what is constant may
/// be read anywhere.
final class LiveSession: @unchecked Sendable {
    /// How upstream is reached.
    enum Carrier: Sendable, Equatable {
        /// A client's socket here, and a session of ours there.
        case relay
        /// A call that upstream carries by itself; we have a sideband of it.
        case call(id: String)
    }

    /// What a session is made of.
    struct Plan: Sendable {
        let session: Session
        let store: UserStore
        let user: UserID
        /// Where the tools of the owner's servers are.
        let webhooks: ToolWebhooks
        let carrier: Carrier
        let configuration: SessionConfiguration
        /// Stores another configuration in its place.
        let storeConfiguration: @Sendable (SessionConfiguration) async throws -> Void
        let safetyIdentifier: String
        /// Fields that the client may set.
        let clientMayUpdate: Set<String>
        /// Whether the client is a server of the owner's.
        let isTrusted: Bool
        /// Whether the client gets the broker's own events.
        let showsBrokerEvents: Bool
        /// Whether the client is spoken to as in the beta.
        let speaksBeta: Bool
        let limits: SessionClock.Limits
        /// Whether it carries on after a break: nobody is greeted again.
        var isResumed = false

        /// Whether its client may lose its connection and come back.
        var clientMayComeBack: Bool { showsBrokerEvents && carrier == .relay }
    }

    let plan: Plan
    let loop: EventLoop
    let services: LiveServices
    let logger: Logger
    /// Called once, on the loop, when both sockets are closed.
    let onEnd: @Sendable (_ reason: String) -> Void

    /// So many items are asked for at most.
    static let maximumMissing = 64
    /// Called on the loop when upstream has taken the session's settings.
    let onAttached: @Sendable () -> Void

    // MARK: State

    let startedAt: ContinuousClock.Instant
    var client: ClientSide?
    var upstream: UpstreamSide?
    /// What is being opened to take over, or to be the first.
    var opening: Opening?
    /// Upstream sessions that are over but for transcripts that are outstanding.
    var leaving: [UpstreamSide] = []
    var recorder: TranscriptRecorder?
    var reducer = TranscriptReducer()
    var turn = TurnState()
    var unconfirmed = UnconfirmedEvents()
    var desk: ToolDesk
    var view: ClientView
    var policy: ClientPolicy
    var settings: SessionSettings
    let settingsKeeper: SettingsKeeper
    var clock: SessionClock
    var backlog = EventBacklog(limitBytes: 512 * 1_024)
    var hasGreeted: Bool
    var callGreeting = CallGreeting()
    /// Whether upstream took the session's settings at least once.
    var wasConfigured: Bool
    /// Actions so far.
    var recordCount = 0
    /// Actions that are not on disk yet.
    var waiting = 0
    /// Set once, when the session is to end.
    var endReason: String?
    var hasEnded = false
    var timers = LiveTimers()
    /// How often upstream was lost since it was last well.
    var losses = 0
    /// Whether a sideband was lost, and nobody has asked yet for what was said meanwhile.
    var wasAway = false
    /// Items of a call that were asked for, because they were added while the sideband was away, each
    /// by which event.
    var missing: [String: String] = [:]
    /// How many upstream sessions were begun to be opened.
    var openingCount = 0
    /// Audio of the present answer that the transcript does not know of yet.
    var spokenAudio = SpokenAudio()
    /// Whether a client was there before.
    var hasHadClient = false
    private var eventCount = 0
    /// Tells the event ids of this process from those before a restart.
    private let eventMark = String(UInt32.random(in: 0 ... .max), radix: 36)

    init(
        _ plan: Plan,
        on loop: EventLoop,
        services: LiveServices,
        onAttached: @escaping @Sendable () -> Void,
        onEnd: @escaping @Sendable (_ reason: String) -> Void
    ) {
        self.plan = plan
        self.loop = loop
        self.services = services
        self.onAttached = onAttached
        self.onEnd = onEnd
        var logger = services.logger
        logger[metadataKey: "session_id"] = .string(plan.session.id.text)
        self.logger = logger
        startedAt = .now
        hasGreeted = plan.isResumed
        wasConfigured = plan.isResumed
        settings = SessionSettings(plan.configuration.upstream)
        settingsKeeper = SettingsKeeper(logger: logger, plan.storeConfiguration)
        clock = SessionClock(plan.limits)
        let tools = plan.configuration.brokerTools
        let names = Set(tools.compactMap { $0["name"]?.stringValue })
        desk = ToolDesk(tools: names)
        view = ClientView(
            isTrusted: plan.isTrusted,
            brokerTools: names,
            memory: plan.configuration.memory
        )
        policy = ClientPolicy(
            allowedFields: plan.clientMayUpdate,
            isTrusted: plan.isTrusted,
            brokerTools: tools,
            memory: plan.configuration.memory
        )
        recorder = TranscriptRecorder(
            .init(
                store: plan.store,
                conversation: plan.session.conversationID,
                session: plan.session.id
            ),
            meter: UsageMeter(
                session: plan.session.id,
                upstream: plan.configuration.upstream,
                prices: services.prices
            ),
            logger: logger
        ) { [weak self] items, done in
            self?.onLoop { $0.stored(items, done: done) }
        }
    }

    /// A sideband that stands so long is no longer one that is lost again and again.
    static let trustTime: Duration = .seconds(10)
    /// So long a client waits at most while what was said last is carried over from a session that is
    /// well.
    static let takeOverTime: Duration = .seconds(10)

    /// Runs something on the session's loop; from any thread.
    func onLoop(_ body: @escaping @Sendable (LiveSession) -> Void) {
        loop.execute { [self] in body(self) }
    }

    /// The time since the session began.
    var now: Duration { loop.now - startedAt }

    /// An id for an event of the broker's own.
    func makeEventID() -> String {
        eventCount += 1
        return "event_\(plan.session.id.text)_\(eventMark)_\(eventCount)"
    }

    /// Whether it is of a kind that may go on in another upstream session.
    var isRenewable: Bool { plan.carrier == .relay && plan.session.kind == .realtime }

    // MARK: Telling

    /// Sends an event to upstream.
    func sendUpstream(_ event: JSONValue) {
        upstream?.connection?.send(.text(event.bytes))
    }

    /// Sends an event to the client, now or when it comes back.
    func sendToClient(_ bytes: [UInt8]) {
        guard let bytes = plan.speaksBeta ? inBeta(bytes) : bytes else { return }
        client?.connection?.send(.text(bytes))
        if keepsBacklog { backlog.append(bytes) }
    }

    private func inBeta(_ bytes: [UInt8]) -> [UInt8]? {
        guard let type = EventPeek.type(of: bytes) else { return bytes }
        switch BetaDialect.spoken(type, { (try? JSONValue(parsing: bytes))?.objectValue }) {
        case .asItIs: return bytes
        case .renamed(let name): return EventPeek.renamed(bytes, to: name) ?? bytes
        case .changed(let event): return JSONValue.object(event).bytes
        case .nothing: return nil
        }
    }

    /// Sends an event of the broker's own, where the client wants these.
    func tell(_ make: (_ eventID: String) -> JSONValue) {
        guard plan.showsBrokerEvents, plan.carrier == .relay else { return }
        sendToClient(make(makeEventID()).bytes)
    }

    /// Tells the client of something as upstream would.
    func sendError(
        type: String = "upstream_error",
        code: String,
        message: String,
        param: String? = nil,
        cause: String? = nil
    ) {
        let event: JSONValue = [
            "type": "error",
            "event_id": .string(makeEventID()),
            "error": [
                "type": .string(type), "code": .string(code), "message": .string(message),
                "param": .optional(param), "event_id": .optional(cause),
            ],
        ]
        sendToClient(event.bytes)
    }

    /// Only clients of the broker's own interface come back.
    private var keepsBacklog: Bool {
        plan.clientMayComeBack && services.reconnectTime > .zero
    }

    // MARK: Ending

    /// Ends the session, once; what was said is drained and stored first.
    ///
    /// - Parameters:
    ///   - reason: What is stored; also what the client's close frame says unless `text` is given.
    ///   - code: The client's close code.
    ///   - text: The client's close reason.
    func end(_ reason: String, code: WebSocketCloseCode = .normal, text: String? = nil) {
        guard endReason == nil else { return }
        endReason = reason
        opening?.cancel()
        opening = nil
        timers.cancelAll(on: loop)
        client?.connection?.close(code, reason: text ?? reason)
        backlog.forget()
        guard let side = upstream else { return finishIfOver() }
        upstream = nil
        leave(side)
        finishIfOver()
    }

    /// Lets an upstream session go, once the transcripts that it owes are there.
    func leave(_ side: UpstreamSide) {
        guard let connection = side.connection else { return }
        leaving.append(side)
        guard reducer.isWaitingForTranscriptions else { return side.close() }
        connection.resumeReading()
        side.drainTimer = loop.schedule(after: services.drainTime) { [weak side] in side?.close() }
    }

    /// Ends drains early, once nothing is outstanding.
    func closeDrained() {
        guard !leaving.isEmpty, !reducer.isWaitingForTranscriptions else { return }
        for side in leaving where !side.isCutShort { side.close() }
    }

    /// Says that it is over, when it is.
    func finishIfOver() {
        guard let endReason, !hasEnded, client == nil, upstream == nil, leaving.isEmpty else {
            return
        }
        hasEnded = true
        timers.cancelAll(on: loop)
        for item in callGreeting.unheardItems {
            record(reducer.reduce(.itemDeleted(id: item), at: now))
        }
        record(reducer.finish(at: now))
        onEnd(endReason)
    }
}
