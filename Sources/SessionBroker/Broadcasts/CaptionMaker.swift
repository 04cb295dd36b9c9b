internal import Captions
internal import ContextStore
internal import JSON
internal import Transcript

/// Makes captions of what one kind of upstream session says.
protocol CaptionMaker: AnyObject {
    /// A session has taken over.
    func opened(_ session: BroadcastUpstream)
    /// An event of a session.
    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream)
    /// A session that was let go has ended.
    func ended(_ session: BroadcastUpstream)
    /// The session is lost; the captions that were open are ended by the caller.
    func forget()
    /// Looks at what is due.
    func tick()
}

extension CaptionMaker {
    func opened(_ session: BroadcastUpstream) {}
    func tick() {}
}

/// Captions of a transcription session: one of each turn.
final class SpokenCaptions: CaptionMaker {
    private static let prefix = "conversation.item.input_audio_transcription."
    /// So many turns are remembered for those who tell them anew.
    private static let rememberedTurns = 16

    private struct Turn {
        let sequence: Int64
        let session: Int
        var endMs: Int64?
    }

    private unowned let feed: LanguageFeed
    private var turns: [String: Turn] = [:]
    private var told: [(item: String, caption: Caption)] = []

    init(_ feed: LanguageFeed) { self.feed = feed }

    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream) {
        guard let item = event["item_id"]?.stringValue else { return }
        switch type {
        case "input_audio_buffer.speech_started":
            session.isInSpeech = true
            let ms = event["audio_start_ms"]?.integerValue ?? session.clock.audioMs
            begin(item, atMs: session.clock.time(ofAudioMs: ms), session)
        case "input_audio_buffer.speech_stopped":
            session.isInSpeech = false
            let ms = event["audio_end_ms"]?.integerValue ?? session.clock.audioMs
            session.turnsUntilMs = session.clock.time(ofAudioMs: ms)
            turns[item]?.endMs = session.turnsUntilMs
        case "input_audio_buffer.committed":
            session.isInSpeech = false
            session.noteCommit()
            begin(item, atMs: session.clock.time(ofAudioMs: session.clock.audioMs), session)
            if turns[item]?.endMs == nil { session.turnsUntilMs = session.sentUntilMs }
            session.outstanding.insert(item)
        case Self.prefix + "delta": delta(item, event, session)
        case Self.prefix + "completed": completed(item, event, session)
        case Self.prefix + "failed":
            session.outstanding.remove(item)
            end(item, reason: .notUnderstood)
        default: break
        }
    }

    func ended(_ session: BroadcastUpstream) {
        for (item, turn) in turns where turn.session == session.number {
            end(item, reason: .upstreamLost)
        }
    }

    func forget() { turns = [:] }

    private func begin(_ item: String, atMs startMs: Int64, _ session: BroadcastUpstream) {
        guard turns[item] == nil else { return }
        turns[item] = Turn(sequence: feed.begin(atMs: startMs), session: session.number)
    }

    private func delta(_ item: String, _ event: JSONValue, _ session: BroadcastUpstream) {
        guard let text = event["delta"]?.stringValue, !text.isEmpty else { return }
        let nowMs = session.clock.time(ofAudioMs: session.clock.audioMs)
        begin(item, atMs: nowMs, session)
        guard let turn = turns[item] else { return }
        feed.append(text, to: turn.sequence, endMs: turn.endMs ?? nowMs)
    }

    private func completed(_ item: String, _ event: JSONValue, _ session: BroadcastUpstream) {
        session.outstanding.remove(item)
        let text = event["transcript"]?.stringValue ?? ""
        guard turns[item] != nil else { return retell(item, text) }
        record(event["usage"], of: item)
        end(item, text: text, spokenLanguage: event["languages"]?.arrayValue?.first?.stringValue)
    }

    private func end(
        _ item: String,
        text: String? = nil,
        reason: GapReason? = nil,
        spokenLanguage: String? = nil
    ) {
        guard let turn = turns.removeValue(forKey: item) else { return }
        let caption = feed.end(
            turn.sequence,
            text: text,
            endMs: turn.endMs,
            reason: reason,
            spokenLanguage: spokenLanguage
        )
        guard let caption else { return }
        told.append((item, caption))
        if told.count > Self.rememberedTurns { told.removeFirst() }
    }

    /// A transcript that comes again, perhaps a better one.
    private func retell(_ item: String, _ text: String) {
        guard let index = told.firstIndex(where: { $0.item == item }), !text.isEmpty,
            text != told[index].caption.text
        else { return }
        feed.revise(told[index].caption) { caption in
            caption.text = text
            caption.kind = .text
            caption.reason = nil
        }
        told[index].caption.text = text
        told[index].caption.revision += 1
    }

    private func record(_ usage: JSONValue?, of item: String) {
        guard let usage = TokenUsage(wire: usage) else { return }
        feed.record(
            feed.meter.usage(
                TranscriptUsage(source: .transcription(itemID: item), usage: usage)
            )
        )
    }
}

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

    func ended(_ session: BroadcastUpstream) { finish() }

    func forget() {
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

/// Captions that a realtime session translates on request, one of each caption of the source.
final class PromptedCaptions: CaptionMaker {
    /// So many translations are asked for at once, as upstream answers no more.
    private static let concurrency = 4
    /// With more waiting, upstream counts as too slow.
    private static let waitingLimit = 64

    private unowned let feed: LanguageFeed
    private var waiting: [Caption] = []
    /// What is being translated, by the source's sequence.
    private var asked: [String: (source: Caption, sequence: Int64)] = [:]
    /// Which response is of what.
    private var responses: [String: String] = [:]

    init(_ feed: LanguageFeed) { self.feed = feed }

    /// Translates a caption of the source; a gap there is a gap here.
    func translate(_ source: Caption) {
        guard source.revision == 1, source.kind == .gap || !source.text.isEmpty else { return }
        guard waiting.count < Self.waitingLimit else { return tellGap(source, .upstreamSlow) }
        waiting.append(source)
        askNext()
    }

    func opened(_ session: BroadcastUpstream) { askNext() }

    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream) {
        switch type {
        case "response.created":
            guard let id = event["response"]?["id"]?.stringValue else { return }
            responses[id] = event["response"]?["metadata"]?["sequence"]?.stringValue
        case "response.output_text.delta":
            guard let key = event["response_id"]?.stringValue.flatMap({ responses[$0] }),
                let it = asked[key], let delta = event["delta"]?.stringValue
            else { return }
            feed.append(delta, to: it.sequence, endMs: it.source.endMs)
        case "response.done": done(event["response"], session)
        default: break
        }
    }

    func ended(_ session: BroadcastUpstream) {}

    func forget() {
        // The captions that were open are cut by the caller; the others are asked for again.
        asked = [:]
        responses = [:]
    }

    private func askNext() {
        guard let session = feed.link?.current else { return }
        while asked.count < Self.concurrency, !waiting.isEmpty {
            let source = waiting.removeFirst()
            if source.kind == .gap {
                tellGap(source, source.reason ?? .notUnderstood)
            } else {
                ask(source, session)
            }
        }
    }

    private func ask(_ source: Caption, _ session: BroadcastUpstream) {
        let key = String(source.sequence)
        asked[key] = (source, feed.begin(atMs: source.startMs))
        session.outstanding.insert(key)
        session.send([
            "type": "response.create",
            "response": [
                "conversation": "none", "output_modalities": ["text"],
                "metadata": ["sequence": .string(key)],
                "input": [
                    [
                        "type": "message", "role": "user",
                        "content": [["type": "input_text", "text": .string(source.text)]],
                    ]
                ],
            ],
        ])
    }

    private func done(_ response: JSONValue?, _ session: BroadcastUpstream) {
        guard let id = response?["id"]?.stringValue, let key = responses.removeValue(forKey: id),
            let it = asked.removeValue(forKey: key)
        else { return }
        session.outstanding.remove(key)
        record(response?["usage"], id)
        let isWhole = response?["status"] == "completed"
        let code = response?["status_details"]?["error"]?["code"]?.stringValue
        let isLimited = code == "rate_limit_exceeded" || code == "slow_down"
        let reason: GapReason = isLimited ? .rateLimited : .notUnderstood
        feed.end(it.sequence, endMs: it.source.endMs, reason: isWhole ? nil : reason)
        askNext()
    }

    private func tellGap(_ source: Caption, _ reason: GapReason) {
        let sequence = feed.begin(atMs: source.startMs)
        feed.end(sequence, text: "", endMs: source.endMs, reason: reason)
    }

    private func record(_ usage: JSONValue?, _ id: String) {
        guard let usage = TokenUsage(wire: usage) else { return }
        feed.record(
            feed.meter.usage(TranscriptUsage(source: .response(id: id, nil), usage: usage))
        )
    }
}
