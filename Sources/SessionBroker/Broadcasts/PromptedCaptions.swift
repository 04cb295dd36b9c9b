internal import Captions
internal import JSON
internal import Transcript

/// Captions that a realtime session translates on request, one of each caption of the source.
final class PromptedCaptions: CaptionMaker {
    /// So many translations are asked for at once, as upstream answers no more.
    private static let concurrency = 4
    /// With more waiting, upstream counts as too slow.
    private static let waitingLimit = 64

    private struct Asked {
        let source: Caption
        let sequence: Int64
        let session: Int
    }

    private unowned let feed: LanguageFeed
    /// The session that is asked, also while it says what it owes.
    private var session: BroadcastUpstream?
    private var waiting: [Caption] = []
    /// What is being translated, by the id of the event that asked for it.
    private var asked: [String: Asked] = [:]
    /// Which response is of what.
    private var responses: [String: String] = [:]

    init(_ feed: LanguageFeed) { self.feed = feed }

    /// Translates a caption of the source; a gap there is a gap here.
    func translate(_ source: Caption) {
        guard feed.isOpen, source.revision == 1, source.kind == .gap || !source.text.isEmpty
        else { return }
        guard waiting.count < Self.waitingLimit else { return tellGap(source, .upstreamSlow) }
        waiting.append(source)
        askNext()
    }

    func opened(_ session: BroadcastUpstream) {
        self.session = session
        askNext()
    }

    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream) {
        switch type {
        case "response.created":
            guard let id = event["response"]?["id"]?.stringValue else { return }
            responses[id] = event["response"]?["metadata"]?["caption"]?.stringValue
        case "response.output_text.delta":
            guard let key = event["response_id"]?.stringValue.flatMap({ responses[$0] }),
                let it = asked[key], let delta = event["delta"]?.stringValue
            else { return }
            feed.append(delta, to: it.sequence, endMs: it.source.endMs)
        case "response.done": done(event["response"], session)
        case "error":
            guard let key = event["error"]?["event_id"]?.stringValue else { return }
            end(key, session, Self.reason(event["error"]))
            askNext()
        default: break
        }
    }

    func ended(_ session: BroadcastUpstream, _ reason: GapReason?) {
        let owed = asked.filter { $0.value.session == session.number }
        for (key, _) in owed.sorted(by: { $0.value.sequence < $1.value.sequence }) {
            end(key, session, reason ?? .upstreamLost)
        }
        responses = responses.filter { asked[$0.value] != nil }
        guard session === self.session else { return }
        self.session = nil
        if !feed.isOpen { giveUp(reason ?? .upstreamLost) }
    }

    func closed() {
        // Otherwise that session is asked for what waits, as long as it may go on.
        if session == nil { giveUp(feed.state.reason ?? .upstreamLost) }
    }

    // MARK: Asking

    private func askNext() {
        guard let session else { return }
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
        let sequence = feed.begin(atMs: source.startMs)
        let key = "caption_\(sequence)"
        asked[key] = Asked(source: source, sequence: sequence, session: session.number)
        session.responses.insert(key)
        session.send([
            "type": "response.create", "event_id": .string(key),
            "response": [
                "conversation": "none", "output_modalities": ["text"],
                "metadata": ["caption": .string(key)],
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
        guard let id = response?["id"]?.stringValue, let key = responses.removeValue(forKey: id)
        else { return }
        record(response?["usage"], id)
        let isWhole = response?["status"] == "completed"
        end(key, session, isWhole ? nil : Self.reason(response?["status_details"]?["error"]))
        askNext()
    }

    private func end(_ key: String, _ session: BroadcastUpstream, _ reason: GapReason?) {
        guard let it = asked.removeValue(forKey: key) else { return }
        session.responses.remove(key)
        feed.end(it.sequence, endMs: it.source.endMs, reason: reason)
    }

    /// Tells what waits as missing.
    private func giveUp(_ reason: GapReason) {
        for source in waiting { tellGap(source, source.reason ?? reason) }
        waiting = []
    }

    private func tellGap(_ source: Caption, _ reason: GapReason) {
        let sequence = feed.begin(atMs: source.startMs)
        feed.end(sequence, text: "", endMs: source.endMs, reason: reason)
    }

    private static func reason(_ error: JSONValue?) -> GapReason {
        let code = error?["code"]?.stringValue
        return code == "rate_limit_exceeded" || code == "slow_down" ? .rateLimited : .notUnderstood
    }

    private func record(_ usage: JSONValue?, _ id: String) {
        guard let usage = TokenUsage(wire: usage) else { return }
        feed.record(
            feed.meter.usage(TranscriptUsage(source: .response(id: id, nil), usage: usage))
        )
    }
}
