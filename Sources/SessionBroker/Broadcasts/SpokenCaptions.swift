internal import Captions
internal import JSON
internal import Transcript

/// Captions of a transcription session: one of each turn.
final class SpokenCaptions: CaptionMaker {
    static let prefix = "conversation.item.input_audio_transcription."
    /// So many turns are remembered for those who tell them anew.
    private static let rememberedTurns = 16

    private struct Turn {
        /// Of the caption that is being spoken.
        var sequence: Int64
        let session: Int
        var endMs: Int64?
        /// What was told of it before, because it is too long for one caption.
        var parts: [Caption] = []
    }

    private unowned let feed: LanguageFeed
    private var turns: [String: Turn] = [:]
    /// Those that are over, with the captions of each that was one.
    private var told: [(item: String, captions: [Caption])] = []

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
        append(text, to: turn, item, endMs: turn.endMs ?? nowMs)
    }

    /// More of a turn is told; what does not fit into its caption goes on in the next one.
    private func append(_ text: String, to turn: Turn, _ item: String, endMs: Int64) {
        let pieces = LongText.pieces(of: (feed.track.draft(turn.sequence)?.text ?? "") + text)
        guard pieces.count > 1, let last = pieces.last else {
            return feed.append(text, to: turn.sequence, endMs: endMs)
        }
        var turn = turn
        for piece in pieces.dropLast() {
            if let part = feed.end(turn.sequence, text: piece, endMs: endMs) {
                turn.parts.append(part)
            }
            turn.sequence = feed.begin(atMs: endMs)
        }
        turns[item] = turn
        feed.append(last, to: turn.sequence, endMs: endMs)
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
        let pieces = text.map { LongText.pieces(of: $0, isWhole: true) }
        var captions = pieces.map { retell(turn.parts, as: $0) } ?? turn.parts
        let rest = pieces?.dropFirst(captions.count)
        let caption = feed.end(
            turn.sequence,
            text: pieces == nil ? nil : rest?.first ?? "",
            endMs: turn.endMs,
            reason: reason,
            spokenLanguage: spokenLanguage
        )
        if let caption { captions.append(caption) }
        captions += tell(rest?.dropFirst() ?? [], behind: captions.last, spokenLanguage)
        told.append((item, captions))
        if told.count > Self.rememberedTurns { told.removeFirst() }
    }

    /// Tells what did not fit into the captions of a turn.
    private func tell(
        _ pieces: some Sequence<String>,
        behind last: Caption?,
        _ spokenLanguage: String?
    ) -> [Caption] {
        let timeMs = last?.endMs ?? 0
        return pieces.compactMap { piece in
            let sequence = feed.begin(atMs: timeMs)
            return feed.end(sequence, text: piece, spokenLanguage: spokenLanguage)
        }
    }

    /// Tells the captions of a turn as its text says now; one that has no part of it any more is empty.
    private func retell(_ captions: [Caption], as pieces: [String]) -> [Caption] {
        captions.enumerated().map { index, caption in
            let text = index < pieces.count ? pieces[index] : ""
            guard text != caption.text else { return caption }
            return feed.revise(caption) { caption in
                caption.text = text
                caption.kind = .text
                caption.reason = nil
            }
        }
    }

    /// A transcript that comes again, perhaps a better one.
    private func retell(_ item: String, _ text: String) {
        guard let index = told.firstIndex(where: { $0.item == item }), !text.isEmpty,
            let last = told[index].captions.last
        else { return }
        let pieces = LongText.pieces(of: text, isWhole: true)
        let captions = retell(told[index].captions, as: pieces)
        let rest = pieces.dropFirst(captions.count)
        told[index].captions = captions + tell(rest, behind: last, last.spokenLanguage)
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
