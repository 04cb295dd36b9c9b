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
        /// What was told before; nil for the first time.
        let earlier: Caption?
        /// The text so far that is to take its place.
        var text = ""
    }

    private unowned let feed: LanguageFeed
    /// The session that is asked, also while it says what it owes.
    private var session: BroadcastUpstream?
    private var waiting: [Caption] = []
    /// What is being translated, by the id of the event that asked for it.
    private var asked: [String: Asked] = [:]
    /// Which response is of what.
    private var responses: [String: String] = [:]
    private var told = ToldTranslations()

    init(_ feed: LanguageFeed) { self.feed = feed }

    /// Translates a caption of the source; a gap there is a gap here.
    func translate(_ source: Caption) {
        guard source.revision == 1 else { return translateAnew(source) }
        guard feed.isOpen, source.kind == .gap || !source.text.isEmpty else { return }
        guard waiting.count < Self.waitingLimit else { return tellGap(source, .upstreamSlow) }
        waiting.append(source)
        askNext()
    }

    /// Takes a caption of the source that was told anew, unless it was not translated before.
    private func translateAnew(_ source: Caption) {
        if let index = waiting.firstIndex(where: { $0.sequence == source.sequence }) {
            waiting[index] = source
        } else if isAsked(source) || told[source] != nil, waiting.count < Self.waitingLimit {
            waiting.append(source)
        }
        if session == nil, !feed.isOpen { giveUp(.upstreamLost) } else { askNext() }
    }

    private func isAsked(_ source: Caption) -> Bool {
        asked.values.contains { $0.source.sequence == source.sequence }
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
            if it.earlier == nil {
                feed.append(delta, to: it.sequence, endMs: it.source.endMs)
            } else {
                asked[key]?.text += delta
            }
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
        // What was told anew waits until the translation of what it was before has come.
        while asked.count < Self.concurrency,
            let index = waiting.firstIndex(where: { !isAsked($0) })
        {
            let source = waiting.remove(at: index)
            if source.kind == .gap || source.text.isEmpty {
                tellGap(source, source.reason ?? .notUnderstood)
            } else {
                ask(source, session)
            }
        }
    }

    private func ask(_ source: Caption, _ session: BroadcastUpstream) {
        let earlier = told[source]
        let key = session.makeEventID(for: "response.create")
        asked[key] = Asked(
            source: source,
            sequence: earlier?.sequence ?? feed.begin(atMs: source.startMs),
            session: session.number,
            earlier: earlier
        )
        session.responses.insert(key)
        session.send(
            "response.create",
            id: key,
            ["response": .object(Self.response(to: source.text, key))]
        )
    }

    private static func response(to text: String, _ key: String) -> JSONObject {
        [
            "conversation": "none", "output_modalities": ["text"],
            "metadata": ["caption": .string(key)],
            "input": [
                [
                    "type": "message", "role": "user",
                    "content": [["type": "input_text", "text": .string(text)]],
                ]
            ],
        ]
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
        guard let earlier = it.earlier else {
            let caption = feed.end(it.sequence, endMs: it.source.endMs, reason: reason)
            return told.note(caption, of: it.source)
        }
        // What was told before holds where it cannot be told better.
        guard reason == nil, !it.text.isEmpty else { return }
        retell(earlier, it.source, it.text)
    }

    /// Tells what waits as missing.
    private func giveUp(_ reason: GapReason) {
        for source in waiting { tellGap(source, source.reason ?? reason) }
        waiting = []
    }

    private func tellGap(_ source: Caption, _ reason: GapReason) {
        guard let earlier = told[source] else {
            // It turned out to be nothing before it was translated.
            if source.kind == .text, source.text.isEmpty { return }
            let sequence = feed.begin(atMs: source.startMs)
            let gap = feed.end(sequence, text: "", endMs: source.endMs, reason: reason)
            return told.note(gap, of: source)
        }
        if source.kind == .gap || source.text.isEmpty { retell(earlier, source, "") }
    }

    /// Has a translation follow its source, which was told anew.
    private func retell(_ earlier: Caption, _ source: Caption, _ text: String) {
        let caption = feed.revise(earlier) { caption in
            caption.kind = source.kind
            caption.text = text
            caption.reason = source.reason
            caption.startMs = source.startMs
            caption.endMs = source.endMs
        }
        told.note(caption, of: source)
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
