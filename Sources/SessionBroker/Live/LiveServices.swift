internal import ContextStore
internal import JSON
internal import Logging
internal import WebServer

/// What all live sessions share.
struct LiveServices: Sendable {
    let opener: UpstreamSocketOpener
    let continuity: SessionContinuity
    let tools: ToolRunner
    let prices: ModelPrices
    let scrubber: Scrubber
    let logger: Logger
    let rateLimits = RateLimitBoard()
    /// How long upstream is kept for transcripts that are outstanding.
    var drainTime: Duration = .seconds(5)
    /// How long a session waits for a client that lost its network; zero: not at all.
    var reconnectTime: Duration = .seconds(20)
    /// How long a call's answer waits for the sideband, so that nothing is said before it hears.
    var attachTime: Duration = .seconds(2)
    /// How long an accepted client may take to be there.
    var upgradeTime: Duration = .seconds(10)
    /// How long an upstream session may take to say that it has its settings.
    var settingsTime: Duration = longestSettingsTime
    static let longestSettingsTime: Duration = .seconds(10)
    /// How often upstream is opened again in a row, until a session is given up.
    var maximumLosses = 10
    /// The time since 1970.
    var wallClockMilliseconds: @Sendable () -> Int64 = { Timestamp.now().milliseconds }

    /// What upstream wrote, as it may stand in a log.
    func scrub(_ text: String) -> String {
        String(scrubber.scrub(text).prefix(500))
    }
}
