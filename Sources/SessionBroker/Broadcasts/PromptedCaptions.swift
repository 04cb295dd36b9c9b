internal import Captions
internal import JSON
internal import Transcript

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
