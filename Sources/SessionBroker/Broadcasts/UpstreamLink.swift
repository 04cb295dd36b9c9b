internal import Captions
internal import JSON
internal import Logging
internal import WebServer

/// Keeps one session of a kind open upstream: opens it, renews it before its time is up, opens it again
/// when it is lost.
///
/// Each frame of audio goes to one session only. At a change the next session gets the audio from then
/// on, while the one before says what it owes; what the next one says is held back until then, so that
/// captions stay in order. `@unchecked Sendable` because all state is touched by the loop's thread only.
final class UpstreamLink: @unchecked Sendable {
    /// Audio that may wait for a session, in frames: 5 seconds.
    static let pendingLimit = 50
    /// How long a session may take to say what it owes.
    static let drainTime: Duration = .seconds(10)
    /// A silence of this length is a good moment for a change.
    private static let quietMs: Int64 = 300

    private struct Held {
        let type: String
        let event: JSONValue
        let session: BroadcastUpstream
    }

    let kind: UpstreamKind
    let loop: EventLoop
    private let services: BroadcastServices
    private let safetyIdentifier: String
    /// Gone before the last socket is closed, when a broadcast is let go.
    private weak var feed: LanguageFeed?

    private(set) var current: BroadcastUpstream?
    private var candidate: BroadcastUpstream?
    private var leaving: [BroadcastUpstream] = []
    private var held: [Held] = []
    private var pending: [AudioFrame] = []
    private var opening: Task<Void, Never>?
    private var number = 0
    private var losses = 0
    private var clock = SessionClock(SessionClock.Limits())
    private var isUrgent = false
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
        startedAt = loop.now
    }

    /// Whether nothing is open and nothing is owed.
    var isIdle: Bool { !isWanted && leaving.isEmpty && candidate == nil && current == nil }

    /// Whether upstream takes audio more slowly than it comes.
    var isCongested: Bool { current?.connection?.isCongested == true }

    private var now: Duration { loop.now - startedAt }

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
        for session in leaving { session.connection?.abort() }
    }

    private func begin() {
        retry = nil
        guard isWanted, candidate == nil else { return }
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
        lost(GapReason(error))
        retryLater(GapReason(error), asked: services.retryAfter(error))
    }

    private func retryLater(_ reason: GapReason, asked: Duration? = nil) {
        guard isWanted, retry == nil, candidate == nil else { return }
        losses += 1
        let pause = services.retryPause(reason, losses: losses, asked: asked)
        retry = loop.schedule(after: pause) { [weak self] in self?.begin() }
    }

    private func leave(_ session: BroadcastUpstream) {
        feed?.bill(session, isLast: true)
        guard session.connection != nil else { return }
        leaving.append(session)
        session.drain(limit: Self.drainTime)
    }

    // MARK: Audio

    /// Sends a frame, now or when a session is there.
    func append(_ frame: AudioFrame) {
        guard isWanted else { return }
        if let current {
            guard !isCongested || feed?.isSource == true else {
                feed?.dropped(frame, .upstreamSlow)
                return
            }
            guard current.append(frame) else { return keep(frame) }
            feed?.bill(current)
            takeOverIfPossible()
        } else {
            keep(frame)
        }
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

    // MARK: Calls of the sessions

    /// A connection is there.
    func opened(_ session: BroadcastUpstream) {
        guard isWanted, session.number == number, candidate == nil else { return session.close() }
        candidate = session
    }

    /// An event of upstream's.
    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream) {
        switch type {
        case "session.created": session.upstreamID = event["session"]?["id"]?.stringValue ?? ""
        case "session.updated" where !session.isReady:
            session.isReady = true
            noteExpiry(event, of: session)
            if session === candidate, current == nil { takeOver() } else { takeOverIfPossible() }
        case "error": noteError(event, session)
        default: pass(type, event, from: session)
        }
    }

    /// A connection is over.
    func closed(_ session: BroadcastUpstream, _ closure: WebSocketClosure) {
        let reason = GapReason(closure, of: session)
        if let index = leaving.firstIndex(where: { $0 === session }) {
            leaving.remove(at: index)
            feed?.ended(session)
            releaseHeld()
        } else if session === candidate {
            candidate = nil
            if current == nil { lost(reason) }
            retryLater(reason)
        } else if session === current {
            feed?.bill(session, isLast: true)
            current = nil
            clock.forgetRenewal()
            lost(reason)
            feed?.lost(session, reason)
            if candidate?.isReady == true { takeOver() } else { retryLater(reason) }
        }
        feed?.noteIdle()
    }

    /// Upstream has caught up with the audio.
    func drained(_ session: BroadcastUpstream) { feed?.noteDrained() }

    private func lost(_ reason: GapReason) {
        feed?.setState(.interrupted(reason))
    }

    private func noteError(_ event: JSONValue, _ session: BroadcastUpstream) {
        let code = event["error"]?["code"]?.stringValue
        session.noteCommit()
        // A commit at the end may find nothing to commit.
        guard code != "input_audio_buffer_commit_empty" else { return }
        session.lastErrorCode = code ?? "error"
        services.logger.warning(
            "upstream refused something of a broadcast",
            metadata: [
                "code": .string(code ?? "-"),
                "cause": .string(services.scrub(event["error"]?["message"]?.stringValue ?? "-")),
            ]
        )
        if !session.isReady, session === candidate { session.close() }
    }

    private func noteExpiry(_ event: JSONValue, of session: BroadcastUpstream) {
        guard let expiry = event["session"]?["expires_at"]?.integerValue, expiry > 0 else { return }
        session.expiresIn = .seconds(expiry) - .milliseconds(services.wallClockMilliseconds())
        session.expiryNotedAt = now
    }

    private func pass(_ type: String, _ event: JSONValue, from session: BroadcastUpstream) {
        if session === current, !leaving.isEmpty {
            held.append(Held(type: type, event: event, session: session))
        } else if session === current || leaving.contains(where: { $0 === session }) {
            feed?.received(type, event, from: session)
        }
    }

    private func releaseHeld() {
        guard leaving.isEmpty else { return }
        let events = held
        held = []
        for it in events { feed?.received(it.type, it.event, from: it.session) }
    }

    // MARK: Changing over

    private func takeOverIfPossible() {
        guard let candidate, candidate.isReady, let current else { return }
        let isQuiet =
            !current.isInSpeech && current.sentUntilMs - current.lastLoudMs >= Self.quietMs
        if isUrgent || isQuiet { takeOver() }
    }

    private func takeOver() {
        guard let next = candidate else { return }
        candidate = nil
        isUrgent = false
        if let current { leave(current) }
        current = next
        clock = SessionClock(SessionClock.Limits(), at: now)
        if let rest = next.expiresIn {
            clock.upstreamExpires(in: rest - (now - next.expiryNotedAt), at: now)
        }
        for frame in pending { _ = next.append(frame) }
        let since = pending.first?.startMs
        pending = []
        feed?.opened(next, withAudioSince: since)
        // A session that stays is worth trusting; one that does not is asked for ever more slowly.
        let number = next.number
        loop.schedule(after: .seconds(10)) { [weak self] in
            if self?.current?.number == number { self?.losses = 0 }
        }
    }
}
