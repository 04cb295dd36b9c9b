internal import Captions
internal import JSON
internal import Transcript

/// Captions of a transcription session: one of each turn.
final class SpokenCaptions: CaptionMaker {
    static let prefix = "conversation.item.input_audio_transcription."
    /// So many turns are remembered for those who tell them anew.
    private static let rememberedTurns = 16

    private struct Turn {
        let sequence: Int64
        let session: Int
        var endMs: Int64?
    }

    private unowned let feed: LanguageFeed
    private var turns: [String: Turn] = [:]
    /// Those that are over, with the caption of each that was one.
    private var told: [(item: String, caption: Caption?)] = []

    init(_ feed: LanguageFeed) { self.feed = feed }

    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream) {
        guard let item = event["item_id"]?.stringValue else { return }
        switch type {
        case "input_audio_buffer.speech_started": begin(item, event, session)
        case "input_audio_buffer.speech_stopped":
            turns[item]?.endMs = time("audio_end_ms", of: event, session)
        case "input_audio_buffer.committed":
            begin(item, event, session)
            if event["audio_end_ms"] != nil {
                turns[item]?.endMs = time("audio_end_ms", of: event, session)
            }
        case Self.prefix + "delta": delta(item, event, session)
        case Self.prefix + "completed": completed(item, event)
        case Self.prefix + "failed": end(item, reason: .notUnderstood)
        default: break
        }
    }

    func ended(_ session: BroadcastUpstream, _ reason: GapReason?) {
        let open = turns.filter { $0.value.session == session.number }
        for (item, turn) in open.sorted(by: { $0.value.sequence < $1.value.sequence }) {
            // Of one without a word, all that was heard since is missing.
            if turn.endMs == nil, feed.track.draft(turn.sequence)?.text.isEmpty == true {
                turns[item]?.endMs = session.sentUntilMs
            }
            end(item, reason: reason ?? .upstreamLost)
        }
    }

    /// When something was, as an event says; now, where it does not.
    private func time(_ key: String, of event: JSONValue, _ session: BroadcastUpstream) -> Int64 {
        session.clock.time(ofAudioMs: event[key]?.integerValue ?? session.clock.audioMs)
    }

    private func begin(_ item: String, _ event: JSONValue, _ session: BroadcastUpstream) {
        // Upstream may tell of a turn again that is over.
        guard turns[item] == nil, !told.contains(where: { $0.item == item }) else { return }
        let startMs = time("audio_start_ms", of: event, session)
        turns[item] = Turn(sequence: feed.begin(atMs: startMs), session: session.number)
    }

    private func delta(_ item: String, _ event: JSONValue, _ session: BroadcastUpstream) {
        guard let text = event["delta"]?.stringValue, !text.isEmpty else { return }
        begin(item, event, session)
        guard let turn = turns[item] else { return }
        let nowMs = session.clock.time(ofAudioMs: session.clock.audioMs)
        feed.append(text, to: turn.sequence, endMs: turn.endMs ?? nowMs)
    }

    private func completed(_ item: String, _ event: JSONValue) {
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
        told.append((item, caption))
        if told.count > Self.rememberedTurns { told.removeFirst() }
    }

    /// A transcript that comes again, perhaps a better one.
    private func retell(_ item: String, _ text: String) {
        guard let index = told.firstIndex(where: { $0.item == item }),
            let caption = told[index].caption, !text.isEmpty, text != caption.text
        else { return }
        told[index].caption = feed.revise(caption) { caption in
            caption.text = text
            caption.kind = .text
            caption.reason = nil
        }
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
