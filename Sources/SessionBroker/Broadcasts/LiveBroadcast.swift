internal import Captions
internal import ContextStore
internal import JSON
internal import Logging
internal import WebServer

/// One broadcast while somebody speaks or listens: its speaker, its languages, and the rooms of its
/// listeners.
///
/// Listeners live on several loops; all else lives on one. What is published crosses to each loop once.
/// `@unchecked Sendable` because all state is touched by the loop's thread only; what is constant may
/// be read anywhere.
final class LiveBroadcast: @unchecked Sendable {
    /// Captions that may wait for the store until the speaker is no longer heard.
    static let maximumWaiting = 1_000
    private static let tickInterval: Duration = .milliseconds(250)
    /// Ten seconds.
    private static let ticksOfPresence = 40

    let settings: BroadcastSettings
    let id: BroadcastID
    let loop: EventLoop
    let services: BroadcastServices
    let store: UserStore
    let safetyIdentifier: String
    let logger: Logger
    /// One on each loop that listeners live on.
    let rooms: [ListenerRoom]
    /// Called on the loop when nobody has been here for a while; false when somebody is about to come.
    let onIdle: @Sendable () -> Bool
    /// What is missing of what was said before it was taken up.
    private let missing: [Caption]
    /// Up to when nothing was told in any language before it was taken up.
    let lostUntilMs: Int64

    // MARK: State

    var broadcast: Broadcast
    var recorder: CaptionRecorder?
    var feeds: [String: LanguageFeed] = [:]
    var speaker: SpeakerSide?
    var speakerNumber: Int64
    /// Since when nobody speaks.
    var speakerLeftAt: ContinuousClock.Instant?
    /// When what is said was, in milliseconds since the broadcast went live.
    var speech: SpeakerClock
    /// When it ends by itself.
    var limits: SessionClock
    /// Audio that does not fill a frame yet.
    var partialFrame: [UInt8] = []
    /// Whether it is stored that somebody speaks, and that nobody does is still to be.
    var owesSpeakingEnd: Bool
    var isWritingSpeakingEnd = false
    /// The hash of the token by which people may listen.
    var tokenHash: [UInt8]?
    /// What was begun to be written of the speakers; one after the other.
    var speakerWrites: Task<Void, Never>?
    var listeners = 0
    var toldListeners = 0
    var waiting = 0
    /// Set once, when it is to end.
    var endReason: String?
    /// How connections are closed that come when it is over.
    var endCode = WebSocketCloseCode.normal
    var ending = Ending.no
    /// Whether nothing more becomes of it.
    var isOver: Bool
    /// Who waits for the end.
    var endWaiters: [@Sendable () -> Void] = []
    private var ticks = 0
    private var unusedSince: ContinuousClock.Instant?
    /// Whether nobody knows of it any more.
    var isLetGo = false {
        didSet { if isLetGo { services.rateLimits.forget(broadcast.sessionID) } }
    }

    /// How far the end has come.
    enum Ending {
        case no
        /// What was said is being written down and translated.
        case audio
        /// What was written down is being translated.
        case captions
        case done
    }

    init(
        _ owned: OwnedBroadcast,
        _ past: BroadcastPast,
        on loop: EventLoop,
        rooms: [ListenerRoom],
        services: BroadcastServices,
        store: UserStore,
        safetyIdentifier: String,
        onIdle: @escaping @Sendable () -> Bool
    ) {
        broadcast = owned.broadcast
        isOver = owned.broadcast.status == .ended
        settings = owned.broadcast.settings
        id = owned.broadcast.id
        self.loop = loop
        self.rooms = rooms
        self.services = services
        self.store = store
        self.safetyIdentifier = safetyIdentifier
        self.onIdle = onIdle
        missing = past.missing
        lostUntilMs = past.lostUntilMs
        owesSpeakingEnd = owned.broadcast.isSpeaking
        tokenHash = owned.broadcast.settings.tokenHash
        var logger = services.logger
        logger[metadataKey: "broadcast_id"] = .string(id.text)
        self.logger = logger
        speakerNumber = owned.broadcast.speakers
        // A language that has not come as far has missed what the others told.
        speech = SpeakerClock(atMs: past.coveredMs)
        limits = SessionClock(services.limits)
        for language in settings.allLanguages {
            feeds[language] = LanguageFeed(
                language,
                of: self,
                track: past.track(language),
                told: past.told[language] ?? []
            )
        }
        recorder = CaptionRecorder(owned.broadcast, store: store, logger: logger) {
            [weak self] captions, done in
            self?.onLoop { $0.stored(captions, done: done) }
        }
    }

    /// It is in use from now on.
    func begin() {
        for gap in missing { record(gap) }
        scheduleTick()
    }

    /// Runs something on the broadcast's loop; from any thread.
    func onLoop(_ body: @escaping @Sendable (LiveBroadcast) -> Void) {
        loop.execute { [self] in body(self) }
    }

    /// The moment behind the last audio, in milliseconds since the broadcast went live.
    var positionMs: Int64 { speech.positionMs }
    /// Up to when anything louder than silence was heard.
    var lastLoudMs: Int64 { speech.lastLoudMs }

    var source: LanguageFeed? { feeds[settings.sourceLanguage] }

    // MARK: Telling

    /// Stores a caption; listeners get it when it is on disk.
    func record(_ caption: Caption) {
        waiting += 1
        recorder?.record(caption)
        updateSpeaker()
    }

    private func stored(_ captions: [Caption], done: Int) {
        waiting -= done
        for caption in captions {
            feeds[caption.language]?.publish(caption)
            guard caption.language == settings.sourceLanguage else { continue }
            for feed in feeds.values where !feed.isSource { feed.sourceTold(caption) }
        }
        updateSpeaker()
    }

    /// Sends an event to the listeners of a language, or to all.
    func publish(
        _ event: BroadcastEvent,
        toAll: Bool = false,
        in language: String? = nil,
        isAudio: Bool = false
    ) {
        let audience = toAll ? nil : language
        for room in rooms where room.joined > 0 {
            room.loop.execute { room.deliver(event, to: audience, isAudio: isAudio) }
        }
    }

    // MARK: Usage

    /// Records what a session consumes that is paid by time: a minute at a time, and the rest.
    func bill(_ session: BroadcastUpstream, isLast: Bool) {
        guard case .translation(let model, _) = session.kind,
            session.unbilledMs >= (isLast ? 1 : 60_000)
        else { return }
        session.bills += 1
        var usage = NewUsage(
            sessionID: broadcast.sessionID,
            source: .translation,
            sourceID: "\(session.upstreamID)_\(session.bills)",
            model: model,
            milliseconds: session.unbilledMs
        )
        usage.costNanodollars = services.prices.cost(
            of: usage.tokens,
            milliseconds: usage.milliseconds,
            model: model
        )
        session.unbilledMs = 0
        record(usage)
    }

    func record(_ usage: NewUsage) { recorder?.record(usage) }

    /// What usage is recorded of.
    func meter(for kind: UpstreamKind?) -> UsageMeter {
        let model = kind?.model ?? ""
        return UsageMeter(
            session: broadcast.sessionID,
            upstream: [
                "model": .string(model),
                "audio": ["input": ["transcription": ["model": .string(model)]]],
            ],
            prices: services.prices
        )
    }

    // MARK: Time

    /// Looks at what is due, until it is let go.
    private func scheduleTick() {
        loop.schedule(after: Self.tickInterval) { [weak self] in
            guard let self, !isLetGo else { return }
            tick()
            scheduleTick()
        }
    }

    private func tick() {
        ticks += 1
        for feed in feeds.values { feed.tick() }
        closeUnused()
        checkLimits()
        // Now and then in any case: a listener that hears nothing has lost its connection.
        if ticks % 4 == 0, listeners != toldListeners || ticks % Self.ticksOfPresence == 0 {
            toldListeners = listeners
            publish(.presence(listeners), toAll: true)
        }
        if ticks % 4 == 0 { speaker?.send(status) }
        // What made it wait may have gone without a word.
        updateSpeaker()
        noteSpeakingEnd()
        noteUse()
    }

    private var isUsed: Bool {
        speaker != nil || listeners > 0 || waiting > 0 || owesSpeakingEnd
            || feeds.values.contains { $0.link?.isIdle == false }
    }

    private func noteUse() {
        guard !isUsed else {
            unusedSince = nil
            return
        }
        let since = unusedSince ?? loop.now
        unusedSince = since
        // Who comes to one that is over gets it from the store just as well.
        if isOver || loop.now - since > services.idleTime { isLetGo = onIdle() }
    }

    /// What the speaker is told of the languages.
    var status: BroadcastEvent {
        let languages = settings.allLanguages.compactMap { feeds[$0] }.map { feed -> JSONValue in
            [
                "language": .string(feed.language),
                "listeners": .integer(Int64(feed.listeners)),
                "state": .string(feed.state.name),
                "reason": .optional(feed.state.reason?.rawValue),
                "lag_ms": .integer(feed.lagMs),
            ]
        }
        return BroadcastEvent(
            "broadcast.status",
            [
                "listeners": .integer(Int64(listeners)), "at_ms": .integer(positionMs),
                "languages": .array(languages),
            ]
        )
    }
}
