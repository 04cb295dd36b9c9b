/// Finds where speech begins and ends in a stream of audio, by its energy.
///
/// It counts samples and knows no other clock, so a burst of seconds is judged at once.
struct VoiceActivityDetector: Sendable {
    enum Event: Equatable, Sendable {
        /// Speech began; the time includes the prefix padding.
        case started(atMs: Int)
        /// Speech ended; the time includes the silence that told so.
        case stopped(atMs: Int, speechMs: Int)
    }

    /// The length of what is judged at once.
    static let frameMs = 20
    /// So many loud frames in a row are speech; fewer are a click.
    private static let framesToStart = 3

    private let detection: TurnDetection
    private let level: Double
    private var clockMs: Int
    private var earliestStartMs: Int
    private var loudFrames = 0
    private var speechStartMs: Int?
    private var lastLoudMs = 0

    /// Begins at a time of the session's audio clock.
    init(_ detection: TurnDetection, clockMs: Int) {
        self.detection = detection
        self.clockMs = clockMs
        earliestStartMs = clockMs
        // A threshold of 0.5 is 36 dB below full scale: above a room, below a quiet voice.
        level = 32_768 * 0.0158 * max(detection.threshold, 0.02) / 0.5
    }

    var isInSpeech: Bool { speechStartMs != nil }

    /// Judges one frame of samples.
    mutating func feed(_ samples: some Collection<Int16>) -> Event? {
        clockMs += Self.frameMs
        let isLoud = Self.rootMeanSquare(samples) > level
        if isLoud { lastLoudMs = clockMs }
        guard let start = speechStartMs else {
            loudFrames = isLoud ? loudFrames + 1 : 0
            return loudFrames >= Self.framesToStart ? begin() : nil
        }
        guard clockMs - lastLoudMs >= detection.endOfTurnMs else { return nil }
        speechStartMs = nil
        loudFrames = 0
        earliestStartMs = clockMs
        return .stopped(atMs: clockMs, speechMs: lastLoudMs - start)
    }

    private mutating func begin() -> Event {
        let start = clockMs - Self.framesToStart * Self.frameMs
        speechStartMs = start
        return .started(atMs: max(earliestStartMs, start - detection.prefixPaddingMs))
    }

    private static func rootMeanSquare(_ samples: some Collection<Int16>) -> Double {
        var sum = 0
        for sample in samples { sum += Int(sample) * Int(sample) }
        return (Double(sum) / Double(max(1, samples.count))).squareRoot()
    }
}
