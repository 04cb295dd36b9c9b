/// Tells when what a speaker says was, on the broadcast's own time: as its audio goes on, and in step with
/// the clock again after an interruption.
///
/// What was said during one may come behind it, all at once. It runs ahead of the clock then, and falls
/// back in silence, because two things that were said cannot have been at one time.
public struct SpeakerClock: Sendable {
    /// Behind the clock by more than this, the speaker has paused.
    private static let pauseMs: Int64 = 2_000
    /// So much of what was said during interruptions may come behind them.
    private static let keptMs: Int64 = 10_000

    /// The moment behind the last audio, in milliseconds since the broadcast went live.
    public private(set) var positionMs: Int64
    /// Up to when anything louder than silence was heard.
    public private(set) var lastLoudMs: Int64
    /// How much was left out in interruptions, and has not come since.
    private var skippedMs: Int64 = 0

    /// A broadcast that has come so far.
    public init(atMs timeMs: Int64) {
        positionMs = timeMs
        lastLoudMs = timeMs
    }

    /// Whether the next audio comes behind an interruption.
    public func hasPaused(atMs nowMs: Int64) -> Bool { nowMs - positionMs > Self.pauseMs }

    /// There was no audio until now.
    public mutating func skip(toMs nowMs: Int64) {
        guard nowMs > positionMs else { return }
        skippedMs = min(skippedMs + nowMs - positionMs, Self.keptMs)
        positionMs = nowMs
    }

    /// Audio came.
    ///
    /// - Parameters:
    ///   - durationMs: How much.
    ///   - isLoud: Whether anything can be heard in it.
    ///   - nowMs: The clock's time.
    /// - Returns: When it was.
    public mutating func append(_ durationMs: Int64, isLoud: Bool, atMs nowMs: Int64) -> Int64 {
        if !isLoud { fallBack(toMs: nowMs) }
        let startMs = positionMs
        positionMs += durationMs
        if isLoud { lastLoudMs = positionMs }
        return startMs
    }

    private mutating func fallBack(toMs nowMs: Int64) {
        let backMs = min(positionMs - max(nowMs, lastLoudMs), skippedMs)
        guard backMs > 0 else { return }
        positionMs -= backMs
        skippedMs -= backMs
    }
}
