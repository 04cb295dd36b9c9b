/// One piece of a translation.
struct TranslatedPiece: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        case word(Int, isFirst: Bool)
        case sentenceEnd
        /// Speech that was not understood, of this length.
        case notUnderstood(ms: Int)
    }

    let content: Content
    /// The end of the engine's frame that it was heard in.
    let elapsedMs: Int

    /// What is added to the transcript in a language.
    func text(in language: String) -> String {
        switch content {
        case .word(let word, let isFirst):
            let text = ToneLanguage.text(word, in: language)
            return isFirst ? text.capitalizedFirst : " " + text
        case .sentenceEnd: return ". "
        case .notUnderstood(let ms):
            let seconds = SocketScenario.seconds(ms)
            return "[simulated translation to \(language): \(seconds) s of speech] "
        }
    }

    /// What is spoken: a word is a short tone.
    var audio: [UInt8]? {
        guard case .word(let word, _) = content else { return nil }
        return AudioFormat.pcm.bytes(of: ToneLanguage.samples(of: word, ms: 100))
    }
}

/// Hears what a translation session is to translate, in the engine's frames of 200 ms.
struct TranslationListener: Sendable {
    private static let frameBytes = 24 * 2 * 200

    private var recognizer: ToneRecognizer?
    private var detector = VoiceActivityDetector(TurnDetection(silenceDurationMs: 500), clockMs: 0)
    private var buffer: [UInt8] = []
    private var elapsedMs = 0
    private var isAtStart = true

    init(hearsTones: Bool) {
        recognizer = hearsTones ? ToneRecognizer() : nil
    }

    /// Takes audio; what does not fill a frame waits for more.
    mutating func feed(_ bytes: [UInt8]) -> [TranslatedPiece] {
        buffer += bytes
        var pieces: [TranslatedPiece] = []
        var start = 0
        while start + Self.frameBytes <= buffer.count {
            let frame = buffer[start..<start + Self.frameBytes]
            start += Self.frameBytes
            elapsedMs += 200
            pieces += hear(AudioFormat.pcm.samples(of: frame))
        }
        buffer.removeFirst(start)
        return pieces
    }

    /// Takes what waits, and ends the sentence.
    mutating func finish() -> [TranslatedPiece] {
        var pieces = feed([UInt8](repeating: 0, count: Self.frameBytes))
        if recognizer != nil, !isAtStart {
            isAtStart = true
            pieces.append(TranslatedPiece(content: .sentenceEnd, elapsedMs: elapsedMs))
        }
        return pieces
    }

    private mutating func hear(_ samples: [Int16]) -> [TranslatedPiece] {
        if let events = recognizer?.feed(samples) { return events.map { piece($0) } }
        return stride(from: 0, to: samples.count, by: 480).compactMap { start in
            let frame = samples[start..<min(start + 480, samples.count)]
            guard case .stopped(_, let ms) = detector.feed(frame) else { return nil }
            return TranslatedPiece(content: .notUnderstood(ms: ms), elapsedMs: elapsedMs)
        }
    }

    private mutating func piece(_ event: ToneRecognizer.Event) -> TranslatedPiece {
        defer { if case .pause = event { isAtStart = true } else { isAtStart = false } }
        let content: TranslatedPiece.Content =
            switch event {
            case .word(let word, _): .word(word, isFirst: isAtStart)
            case .pause: .sentenceEnd
            }
        return TranslatedPiece(content: content, elapsedMs: elapsedMs)
    }
}
