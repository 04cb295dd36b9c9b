internal import Captions
internal import JSON
internal import Transcript

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
