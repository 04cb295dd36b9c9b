/// The audio that the client appended and that is in no item yet, and the session's audio clock.
///
/// Holds at most ``limitBytes``; beyond that the oldest audio is forgotten, its length stays known.
struct InputAudioBuffer: Sendable {
    enum Event: Equatable, Sendable {
        case speechStarted(atMs: Int)
        case speechStopped(atMs: Int, Utterance)
    }

    /// One turn of the user's audio.
    struct Utterance: Equatable, Sendable {
        var bytes: [UInt8]
        var durationMs: Int
        /// The part of it in which something could be heard.
        var speechMs: Int
    }

    static let limitBytes = 32 * 1_024 * 1_024

    private(set) var format: AudioFormat
    private(set) var detection: TurnDetection?
    private var detector: VoiceActivityDetector?
    private var appendedBytes = 0
    private var clockBaseMs = 0
    private var partialFrame: [UInt8] = []
    private var kept: [UInt8] = []
    private var forgottenBytes = 0

    init(format: AudioFormat, detection: TurnDetection?) {
        self.format = format
        self.detection = detection
        detector = detection.map { VoiceActivityDetector($0, clockMs: 0) }
    }

    /// How much audio the session has received.
    var clockMs: Int { clockBaseMs + appendedBytes / format.bytesPerMs }
    var durationMs: Int { (kept.count + forgottenBytes + partialFrame.count) / format.bytesPerMs }
    var isInSpeech: Bool { detector?.isInSpeech ?? false }

    /// Takes new settings; audio in another format cannot be joined with what is there.
    mutating func configure(format: AudioFormat, detection: TurnDetection?) {
        guard format != self.format || detection != self.detection else { return }
        if format != self.format {
            clockBaseMs = clockMs
            appendedBytes = 0
            clear()
        }
        self.format = format
        self.detection = detection
        detector = detection.map { VoiceActivityDetector($0, clockMs: clockMs) }
    }

    /// Forgets what is in no item yet; the clock goes on.
    mutating func clear() {
        kept = []
        partialFrame = []
        forgottenBytes = 0
        detector = detection.map { VoiceActivityDetector($0, clockMs: clockMs) }
    }

    /// Takes everything that was appended since the last turn.
    mutating func commit() -> Utterance {
        let duration = durationMs
        let bytes = kept + partialFrame
        clear()
        return Utterance(bytes: bytes, durationMs: duration, speechMs: duration)
    }

    /// Appends audio and says what was heard in it.
    mutating func append(_ bytes: [UInt8]) -> [Event] {
        appendedBytes += bytes.count
        guard detector != nil else {
            keep(bytes[...])
            return []
        }
        let frameBytes = VoiceActivityDetector.frameMs * format.bytesPerMs
        let stream = partialFrame + bytes
        var events: [Event] = []
        var start = 0
        while start + frameBytes <= stream.count {
            let frame = stream[start..<start + frameBytes]
            start += frameBytes
            keep(frame)
            if let event = judge(frame) { events.append(event) }
        }
        partialFrame = Array(stream[start...])
        return events
    }

    private mutating func judge(_ frame: ArraySlice<UInt8>) -> Event? {
        let event = detector?.feed(format.samples(of: frame))
        switch event {
        case .started(let time): return .speechStarted(atMs: time)
        case .stopped(let time, let speechMs):
            let utterance = Utterance(
                bytes: kept,
                durationMs: (kept.count + forgottenBytes) / format.bytesPerMs,
                speechMs: speechMs
            )
            kept = []
            forgottenBytes = 0
            return .speechStopped(atMs: time, utterance)
        case nil:
            if !isInSpeech { forgetSilence() }
            return nil
        }
    }

    /// Before speech only its prefix is of interest; trimmed now and then, to move bytes rarely.
    private mutating func forgetSilence() {
        let prefixMs = (detection?.prefixPaddingMs ?? 0) + 100
        let prefix = prefixMs * format.bytesPerMs
        if kept.count > 2 * prefix + 48_000 { kept.removeFirst(kept.count - prefix) }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        kept.append(contentsOf: bytes)
        guard kept.count > Self.limitBytes else { return }
        let surplus = kept.count - Self.limitBytes / 2
        forgottenBytes += surplus
        kept.removeFirst(surplus)
    }
}

extension AudioFormat {
    /// Linear samples of coded audio; a last half sample is left out.
    func samples(of bytes: ArraySlice<UInt8>) -> [Int16] {
        guard self == .pcm else { return bytes.map { G711.decode($0, self) } }
        let start = bytes.startIndex
        return (0..<bytes.count / 2).map {
            let index = start + 2 * $0
            return Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)
        }
    }

    /// Codes linear samples that have this format's rate.
    func bytes(of samples: [Int16]) -> [UInt8] {
        guard self == .pcm else { return samples.map { G711.encode($0, self) } }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        for sample in samples {
            bytes.append(UInt8(truncatingIfNeeded: sample))
            bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
        return bytes
    }
}
