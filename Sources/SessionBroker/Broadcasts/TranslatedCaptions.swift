internal import Captions
internal import JSON

/// Captions of a translation session, which says one text without end.
final class TranslatedCaptions: CaptionMaker {
    /// A pause of this length ends a caption.
    static let pause: Duration = .milliseconds(1_500)

    private unowned let feed: LanguageFeed
    private var segmenter = Segmenter()
    private var sequence: Int64?
    private var endMs: Int64 = 0
    private var lastDeltaAt = ContinuousClock.now

    init(_ feed: LanguageFeed) { self.feed = feed }

    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream) {
        switch type {
        case "session.output_transcript.delta":
            guard let delta = event["delta"]?.stringValue else { return }
            let elapsed = event["elapsed_ms"]?.integerValue ?? session.clock.audioMs
            lastDeltaAt = .now
            // Timed by the engine's frame of 200 ms that it was heard in.
            let startMs = session.clock.time(ofAudioMs: max(0, elapsed - 200))
            apply(segmenter.append(delta), startMs: startMs, endMs: startMs + 200)
        case "session.output_audio.delta":
            if let audio = event["delta"]?.stringValue { feed.speak(audio) }
        default: break
        }
    }

    func ended(_ session: BroadcastUpstream, _ reason: GapReason?) {
        if let sequence { feed.end(sequence, reason: reason) }
        sequence = nil
        segmenter = Segmenter()
    }

    func tick() {
        if segmenter.isOpen, ContinuousClock.now - lastDeltaAt > Self.pause { finish() }
    }

    private func finish() {
        apply(segmenter.pause(), startMs: endMs, endMs: endMs)
    }

    private func apply(_ changes: [Segmenter.Change], startMs: Int64, endMs: Int64) {
        for change in changes {
            switch change {
            case .text(let text):
                let sequence = sequence ?? feed.begin(atMs: startMs)
                self.sequence = sequence
                self.endMs = endMs
                feed.append(text, to: sequence, endMs: endMs)
            case .end:
                if let sequence { feed.end(sequence) }
                sequence = nil
            }
        }
    }
}
