internal import Captions
internal import ContextStore
internal import JSON
internal import WebServer

/// One language of a live broadcast: its captions, and the session upstream that they come from.
///
/// `@unchecked Sendable` because all state is touched by the loop's thread only.
final class LanguageFeed: @unchecked Sendable {
    /// Behind by more than this, a language counts as slow.
    static let slowMs: Int64 = 8_000

    let language: String
    unowned let broadcast: LiveBroadcast
    var track: CaptionTrack
    /// What listeners who come get.
    var log: CaptionLog<BroadcastEvent>
    private(set) var state = LanguageState.off
    /// Made when it is first asked for, which is on the loop.
    private(set) lazy var link: UpstreamLink? = makeLink()
    private lazy var maker = makeMaker()
    /// Up to when somebody listened, or it was told that nobody did.
    private var heardUntilMs: Int64
    /// Up to when the source was told.
    private var sourceUntilMs: Int64
    /// A gap that still goes on.
    var openGap: Caption?
    var gapEndMs: Int64 = 0
    /// How many listen.
    var listeners = 0
    /// Since when nobody does.
    var unusedSince: ContinuousClock.Instant?

    init(
        _ language: String,
        of broadcast: LiveBroadcast,
        track: CaptionTrack,
        told: [Caption]
    ) {
        self.language = language
        self.broadcast = broadcast
        self.track = track
        heardUntilMs = track.coveredMs
        sourceUntilMs = broadcast.lastLoudMs
        log = CaptionLog(after: told.first.map { $0.number - 1 } ?? track.lastNumber)
        for caption in told {
            log.append(sequence: caption.sequence, number: caption.number, .completed(caption))
        }
    }

    var isSource: Bool { language == broadcast.settings.sourceLanguage }
    var isOpen: Bool { link?.isWanted == true }

    /// How far what is told is behind what was said.
    var lagMs: Int64 {
        let told = max(track.coveredMs, track.open.map(\.endMs).max() ?? 0)
        return isOpen ? max(0, broadcast.lastLoudMs - told) : 0
    }

    // MARK: Opening and closing

    /// Has the language told from now on.
    func open() {
        guard !isOpen else { return }
        tellUnheard()
        track.skip(toMs: broadcast.positionMs)
        setState(.connecting)
        link?.open()
    }

    /// Has the language told no more, once what was said is told.
    func close() {
        if isOpen {
            heardUntilMs = offered.untilMs
        } else if broadcast.endReason != nil, track.lastSequence > 0 {
            tellUnheard()
        }
        link?.close()
        maker.closed()
        endGap(atMs: broadcast.positionMs)
        setState(.off)
    }

    /// What there was to hear for its sessions: up to when they would have got it, and up to when
    /// anything was said in it.
    private var offered: (untilMs: Int64, saidUntilMs: Int64) {
        guard link?.kind.hearsAudio == true else { return (sourceUntilMs, sourceUntilMs) }
        return (broadcast.positionMs, broadcast.lastLoudMs)
    }

    /// Marks what was said while nobody listened.
    private func tellUnheard() {
        guard !isSource else { return }
        tellLost()
        let startMs = max(track.coveredMs, heardUntilMs)
        guard offered.saidUntilMs > startMs + 1_000 else { return }
        heardUntilMs = offered.untilMs
        tell(gap(.noListeners, from: startMs, to: heardUntilMs))
    }

    /// Marks what was said before a process that told nothing ended: nobody knows who listened to that.
    private func tellLost() {
        let startMs = max(track.coveredMs, heardUntilMs)
        guard track.lastSequence == 0, broadcast.lostUntilMs > startMs else { return }
        tell(gap(.brokerRestarted, from: startMs, to: broadcast.lostUntilMs))
    }

    private func makeLink() -> UpstreamLink {
        UpstreamLink(
            broadcast.services.kind(language, of: broadcast.settings),
            on: broadcast.loop,
            broadcast.services,
            safetyIdentifier: broadcast.safetyIdentifier,
            feed: self
        )
    }

    private func makeMaker() -> any CaptionMaker {
        switch link?.kind {
        case .translation: TranslatedCaptions(self)
        case .prompted: PromptedCaptions(self)
        case .transcription, nil: SpokenCaptions(self)
        }
    }

    // MARK: Calls of the link

    /// A session has taken over; `since` is when its first audio was.
    func opened(_ session: BroadcastUpstream, withAudioSince since: Int64?) {
        if openGap != nil { endGap(atMs: since ?? broadcast.positionMs) }
        maker.opened(session)
        setState(.live)
    }

    /// An event of upstream's.
    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream) {
        maker.received(type, event, from: session)
    }

    /// A session has ended, and told all before; without a reason it had said all that it owed.
    func ended(_ session: BroadcastUpstream, _ reason: GapReason?) {
        // Whoever takes the broadcast up again marks what is missing.
        guard !broadcast.isOver else { return }
        let isMidSentence = track.open.contains { !$0.text.isEmpty }
        maker.ended(session, reason)
        guard let reason, session.kind.hearsAudio else { return }
        // In mid-sentence something is missing, even if it cannot be told how much.
        guard isMidSentence || session.lastLoudMs > track.coveredMs + 200 else { return }
        let endMs = session.sentUntilMs
        let startMs = min(track.coveredMs, endMs)
        // It goes on until another session gets audio.
        if isOpen, openGap == nil, link?.current == nil {
            beginGap(reason, from: startMs, to: endMs)
        } else {
            tell(gap(reason, from: startMs, to: endMs))
        }
    }

    /// Nothing more is heard: what was told so far of captions that are open is all of them.
    func cut(_ reason: GapReason) {
        for caption in track.cutAll(reason: reason) where caption.kind == .text { tell(caption) }
    }

    /// A frame could not be sent.
    func dropped(_ frame: AudioFrame, _ reason: GapReason) {
        guard frame.isLoud else { return }
        beginGap(reason, from: frame.startMs, to: frame.endMs)
    }

    func noteDrained() { broadcast.updateSpeaker() }

    func noteIdle() { broadcast.noteIdle() }

    // MARK: Time

    /// Looks at what is due; called a few times a second.
    func tick() {
        link?.tick()
        maker.tick()
        let lag = lagMs
        if state == .live, lag > Self.slowMs { setState(.slow) }
        if state == .slow, lag < Self.slowMs / 2 { setState(.live) }
    }

    /// Says what becomes of the language, when that changes.
    func setState(_ new: LanguageState) {
        guard new != state else { return }
        state = new
        broadcast.publish(.status(language, new, lagMs: lagMs), toAll: true, in: language)
    }

    // MARK: Usage and voice

    /// Where an upstream's bill goes.
    func bill(_ session: BroadcastUpstream, isLast: Bool = false) {
        broadcast.bill(session, isLast: isLast)
    }

    /// A caption of the source was told, for those who translate captions.
    func sourceTold(_ caption: Caption) {
        sourceUntilMs = max(sourceUntilMs, caption.endMs)
        (maker as? PromptedCaptions)?.translate(caption)
    }

    /// A piece of voice.
    func speak(_ audio: String) {
        guard broadcast.settings.hasAudio else { return }
        broadcast.publish(.audio(audio, in: language), in: language, isAudio: true)
    }

    /// Adds usage that upstream told.
    func record(_ usage: NewUsage) { broadcast.record(usage) }

    /// Upstream says how much may be used.
    func noteRateLimits(_ event: JSONValue) {
        guard let limits = event["rate_limits"]?.arrayValue else { return }
        broadcast.services.rateLimits.note(limits, of: broadcast.broadcast.sessionID)
    }

    /// What usage is recorded of.
    var meter: UsageMeter { broadcast.meter(for: link?.kind) }
}
