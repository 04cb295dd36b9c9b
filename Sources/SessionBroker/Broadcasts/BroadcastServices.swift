internal import Captions
internal import ContextStore
internal import Logging

/// What all live broadcasts share.
struct BroadcastServices: Sendable {
    let opener: UpstreamSocketOpener
    let prices: ModelPrices
    let scrubber: Scrubber
    let logger: Logger
    /// The model that writes down what is said.
    let transcriptionModel: String
    /// The model that translates.
    let translationModel: String
    /// How long a session may take from its connection to its settings.
    var readyTime: Duration = .seconds(10)
    /// How long before the end of a session an error may be told that is its cause.
    var errorTime: Duration = .seconds(10)
    /// How long a language is told on when its last listener, or the speaker, is gone.
    var graceTime: Duration = .seconds(30)
    /// How long a broadcast is kept in memory in which nobody speaks or listens.
    var idleTime: Duration = .seconds(60)
    /// When a broadcast that is on air ends by itself.
    var limits = SessionClock.Limits()
    /// Where it is kept how much upstream lets be used.
    var rateLimits = RateLimitBoard()
    /// The time since 1970.
    var wallClockMilliseconds: @Sendable () -> Int64 = { Timestamp.now().milliseconds }

    /// Upstream's session for a language of a broadcast.
    func kind(_ language: String, of settings: BroadcastSettings) -> UpstreamKind {
        let source = settings.sourceLanguage
        if language == source {
            return .transcription(model: transcriptionModel, language: source)
        }
        // Upstream's translation models take translation sessions only, and these no others.
        if translationModel.contains("translate") {
            return .translation(model: translationModel, language: language)
        }
        return .prompted(model: translationModel, from: source, to: language)
    }

    /// How long to wait before a session is asked for again; at least as long as upstream `asked` to be
    /// left alone, within reason.
    func retryPause(_ reason: GapReason, losses: Int, asked: Duration?) -> Duration {
        let first: Duration
        switch reason {
        case .rateLimited: first = .seconds(1)
        case .upstreamRefused: first = .seconds(5)
        default: first = .milliseconds(200)
        }
        let pause = min(first * (1 << min(losses - 1, 6)), .seconds(30))
        return max(pause, min(asked ?? .zero, .seconds(300)))
    }

    /// How long upstream wants to be left alone, where it says so.
    func retryAfter(_ error: any Error) -> Duration? {
        guard case .rejected(let rejection) = error as? UpstreamSocketError else { return nil }
        let now = wallClockMilliseconds() / 1_000
        return RetryAfter.seconds(in: rejection.response, now: now).map { .seconds($0) }
    }

    /// What upstream wrote, as it may stand in a log.
    func scrub(_ text: String) -> String {
        String(scrubber.scrub(text).prefix(500))
    }
}
