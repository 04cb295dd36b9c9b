/// Hears the words of the ``ToneLanguage`` in a stream of samples, by counting zero crossings.
struct ToneRecognizer: Sendable {
    enum Event: Sendable, Equatable {
        /// A word was heard; the time is that of the audio so far.
        case word(Int, atMs: Int)
        /// A silence ended the sentence.
        case pause(atMs: Int)
    }

    private static let frameMs = 20
    private static let samplesPerFrame = 24_000 / 1_000 * frameMs
    /// So many frames alike in a row are a word.
    private static let framesOfWord = 3
    /// So many silent frames in a row end a sentence.
    private static let framesOfPause = 15
    /// So many silent frames in a row end a word; it goes on behind a shorter dropout.
    private static let framesOfGap = 5
    /// What is softer than this is silence.
    private static let threshold = 500

    private var rest: [Int16] = []
    private var clockMs = 0
    private var current: Int?
    /// The word that was heard last, until something else is.
    private var heard: Int?
    private var run = 0
    private var silence = 0
    private var hasWords = false

    /// Takes samples at 24 kHz and says what was heard in them.
    mutating func feed(_ samples: [Int16]) -> [Event] {
        rest += samples
        var events: [Event] = []
        var start = 0
        while start + Self.samplesPerFrame <= rest.count {
            let frame = rest[start..<start + Self.samplesPerFrame]
            start += Self.samplesPerFrame
            clockMs += Self.frameMs
            if let event = judge(frame) { events.append(event) }
        }
        rest.removeFirst(start)
        return events
    }

    /// All words of a recording.
    static func words(of samples: [Int16]) -> [Int] {
        var recognizer = ToneRecognizer()
        return recognizer.feed(samples).compactMap { event in
            if case .word(let word, _) = event { word } else { nil }
        }
    }

    private mutating func judge(_ frame: ArraySlice<Int16>) -> Event? {
        guard frame.contains(where: { abs(Int($0)) > Self.threshold }) else { return beSilent() }
        silence = 0
        let word = ToneLanguage.word(pitch: Self.pitch(of: frame))
        run = word == current ? run + 1 : 1
        current = word
        guard let word, run == Self.framesOfWord, word != heard else { return nil }
        heard = word
        hasWords = true
        return .word(word, atMs: clockMs)
    }

    private mutating func beSilent() -> Event? {
        (current, run) = (nil, 0)
        silence += 1
        if silence == Self.framesOfGap { heard = nil }
        guard silence == Self.framesOfPause, hasWords else { return nil }
        hasWords = false
        return .pause(atMs: clockMs)
    }

    /// Each cycle crosses zero twice.
    private static func pitch(of frame: ArraySlice<Int16>) -> Int {
        let crossings = zip(frame, frame.dropFirst()).count { ($0 < 0) != ($1 < 0) }
        return crossings * 1_000 / (2 * frameMs)
    }
}
