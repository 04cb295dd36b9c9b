/// Ends turns for a session that has no voice detection of its own: behind a pause, and where a turn
/// would get too long.
///
/// All times are those of the session's own audio, in milliseconds.
public struct TurnCutter: Sendable {
    /// What the session is to do with its audio so far.
    public enum Step: Sendable, Equatable {
        /// Nothing.
        case wait
        /// It is a turn, with its speech in this range.
        case commit(Range<Int64>)
        /// It is silence.
        case discard
    }

    /// A pause of this length ends a turn.
    public static let pauseMs: Int64 = 400
    /// With this much audio a turn ends anywhere.
    public static let longestMs: Int64 = 30_000
    /// Silence of this length is not kept in front of a turn.
    public static let idleMs: Int64 = 2_000

    /// Since when audio was neither committed nor discarded.
    private var startMs: Int64 = 0
    private var speech: Range<Int64>?

    /// No audio.
    public init() {}

    /// Whether somebody is speaking.
    public var isInSpeech: Bool { speech != nil }

    /// Takes note of the next piece of audio.
    public mutating func append(_ piece: Range<Int64>, isLoud: Bool) -> Step {
        if isLoud { speech = (speech?.lowerBound ?? piece.lowerBound)..<piece.upperBound }
        let endMs = piece.upperBound
        guard let speech else {
            guard endMs - startMs >= Self.idleMs else { return .wait }
            startMs = endMs
            return .discard
        }
        guard endMs - speech.upperBound >= Self.pauseMs || endMs - startMs >= Self.longestMs else {
            return .wait
        }
        startMs = endMs
        return finish()
    }

    /// No more audio comes: what was said is a turn.
    public mutating func finish() -> Step {
        guard let speech else { return .wait }
        self.speech = nil
        return .commit(speech)
    }
}
