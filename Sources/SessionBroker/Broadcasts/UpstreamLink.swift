internal import Captions
internal import JSON
internal import Logging
internal import WebServer

/// Keeps one session of a kind open upstream: opens it, renews it before its time is up, opens it again
/// when it is lost.
///
/// Each frame of audio goes to one session only. At a change the next session gets the audio from then
/// on, while the one before says what it owes; a ``SessionQueue`` holds back what the next one says
/// until then, so that captions stay in order. `@unchecked Sendable` because all state is touched by
/// the loop's thread only.
final class UpstreamLink: @unchecked Sendable {
    /// Audio that may wait for a session, in frames: 5 seconds.
    static let pendingLimit = 50
    /// How long a session may take to say what it owes.
    static let drainTime: Duration = .seconds(10)

    let kind: UpstreamKind
    let loop: EventLoop
    let services: BroadcastServices
    private let safetyIdentifier: String
    /// Gone before the last socket is closed, when a broadcast is let go.
    private(set) weak var feed: LanguageFeed?

    // MARK: State

    /// The session that gets the audio.
    var current: BroadcastUpstream?
    /// The one that is to be next.
    var candidate: BroadcastUpstream?
    /// All that got audio and have not ended, or not been heard to the end.
    var queue: SessionQueue<BroadcastUpstream, (type: String, event: JSONValue)>
    var pending: [AudioFrame] = []
    var clock = SessionClock(SessionClock.Limits())
    /// Whether the next session must take over, whoever is speaking.
    var isUrgent = false
    /// Which session was asked for last.
    private(set) var number = 0
    var losses = 0
    private var opening: Task<Void, Never>?
    /// Whether one was asked for, and has neither come nor failed.
    private var isOpening = false
    private var retry: TimerID?
    private let startedAt: ContinuousClock.Instant
    /// Whether it is to be open.
    private(set) var isWanted = false

    init(
        _ kind: UpstreamKind,
        on loop: EventLoop,
        _ services: BroadcastServices,
        safetyIdentifier: String,
        feed: LanguageFeed
    ) {
        self.kind = kind
        self.loop = loop
        self.services = services
        self.safetyIdentifier = safetyIdentifier
        self.feed = feed
        queue = SessionQueue(isOrdered: kind.hearsAudio)
        startedAt = loop.now
    }

    /// Whether nothing is open and nothing is owed.
    var isIdle: Bool { !isWanted && queue.isEmpty && candidate == nil }

    /// Whether upstream takes audio more slowly than it comes.
    var isCongested: Bool { current?.connection?.isCongested == true }

    var now: Duration { loop.now - startedAt }

    // MARK: Opening and closing

    /// Opens a session, and keeps one open.
    func open() {
        guard !isWanted else { return }
        isWanted = true
        losses = 0
        begin()
    }

    /// Lets the session say what it owes, and opens no other.
    func close() {
        guard isWanted else { return }
        isWanted = false
        isOpening = false
        opening?.cancel()
        retry.map(loop.cancel)
        retry = nil
        clock.forgetRenewal()
        for frame in pending { feed?.dropped(frame, feed?.state.reason ?? .upstreamLost) }
        pending = []
        candidate?.close()
        candidate = nil
        if let current { leave(current) }
        current = nil
    }

    /// Closes everything, whatever is owed.
    func abandon() {
        close()
        for session in queue.open { session.abort() }
    }

    private func begin() {
        retry = nil
        guard isWanted, candidate == nil, !isOpening else { return }
        isOpening = true
        number += 1
        let (number, kind, services) = (number, kind, services)
        let safetyIdentifier = safetyIdentifier
        opening = Task { [self] in
            do {
                let socket = try await services.opener.open(
                    kind.subject,
                    safetyIdentifier: safetyIdentifier
                )
                socket.start(on: loop) { BroadcastUpstream(self, kind, number: number) }
            } catch {
                loop.execute { self.failed(error, number) }
            }
        }
    }

    private func failed(_ error: any Error, _ number: Int) {
        guard number == self.number, isWanted else { return }
        isOpening = false
        notOpened(GapReason(error), asked: services.retryAfter(error))
    }

    /// The session that was asked for last has come.
    func noteOpened(_ session: BroadcastUpstream) {
        if session.number == number { isOpening = false }
    }

    /// A session cannot be had for now; as long as there is another one, nobody misses it.
    func notOpened(_ reason: GapReason, asked: Duration? = nil) {
        if current == nil { feed?.setState(.interrupted(reason)) }
        retryLater(reason, asked: asked)
    }

    func retryLater(_ reason: GapReason, asked: Duration? = nil) {
        // What is on its way may come yet.
        guard isWanted, retry == nil, candidate == nil, !isOpening else { return }
        losses += 1
        let pause = services.retryPause(reason, losses: losses, asked: asked)
        retry = loop.schedule(after: pause) { [weak self] in self?.begin() }
    }

    /// Lets a session that got audio say what it owes, and no more.
    func leave(_ session: BroadcastUpstream) {
        feed?.bill(session, isLast: true)
        session.drain(limit: Self.drainTime)
    }

    // MARK: Audio

    /// Sends a frame, now or when a session is there.
    func append(_ frame: AudioFrame) {
        guard isWanted else { return }
        guard let current else { return keep(frame) }
        guard !isCongested || feed?.isSource == true else {
            feed?.dropped(frame, .upstreamSlow)
            return
        }
        guard current.append(frame) else { return keep(frame) }
        feed?.endGap(atMs: frame.startMs)
        feed?.bill(current)
        takeOverIfPossible()
    }

    /// Keeps a frame for the next session.
    private func keep(_ frame: AudioFrame) {
        pending.append(frame)
        guard pending.count > Self.pendingLimit else { return }
        feed?.dropped(pending.removeFirst(), feed?.state.reason ?? .upstreamLost)
    }

    /// Looks whether the session must be renewed.
    func tick() {
        for event in clock.events(at: now) {
            switch event {
            case .renew: begin()
            case .takeOver:
                isUrgent = true
                takeOverIfPossible()
            default: break
            }
        }
    }
}
