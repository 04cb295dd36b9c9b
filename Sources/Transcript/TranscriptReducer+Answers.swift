extension TranscriptReducer {
    /// Takes a piece of an answer's text.
    mutating func append(_ text: String, to span: TextSpan, startMs: Int?, at now: Duration) {
        guard takesText(span, at: now) else { return }
        grow(span.itemID, at: now) { record in
            guard !record.isFinal else { return }
            record.isClosed = false
            var part = record.parts[span.part] ?? ItemPart(kind: span.kind)
            part.written.append(text, startMs: startMs)
            record.parts[span.part] = part
        }
    }

    /// Takes the whole text of a part of an answer.
    mutating func finish(_ text: String, of span: TextSpan, at now: Duration) {
        guard takesText(span, at: now) else { return }
        change(span.itemID, at: now) { record in
            // What a finished item says of itself counts more than a late event.
            guard !record.isFinal || record.parts[span.part]?.written.isWhole != true else {
                return
            }
            var part = record.parts[span.part] ?? ItemPart(kind: span.kind)
            if record.audioEndMs == nil {
                part.written.finish(text)
            } else {
                part.written.finish(ifLonger: text)
            }
            record.parts[span.part] = part
        }
    }

    private mutating func takesText(_ span: TextSpan, at now: Duration) -> Bool {
        if let response = span.responseID {
            link(span.itemID, to: response, at: now)
        }
        return records[span.itemID]?.isLeftOut != true
    }

    // MARK: Calls

    /// Takes a piece of a call's arguments.
    mutating func appendArguments(_ text: String, to id: String, at now: Duration) {
        guard records[id]?.isLeftOut != true else { return }
        grow(id, at: now) { record in
            guard !record.isFinal else { return }
            record.isClosed = false
            record.arguments.append(text)
        }
    }

    /// Takes a call's whole arguments.
    mutating func finishArguments(_ text: String, name: String?, of id: String, at now: Duration) {
        guard records[id]?.isLeftOut != true else { return }
        change(id, at: now) { record in
            record.call.name = name ?? record.call.name
            record.arguments.fill(text)
        }
    }

    /// Takes how far a call has come that the provider makes itself.
    mutating func progress(_ id: String, _ status: TranscriptItem.Status, at now: Duration) {
        guard records[id]?.isLeftOut != true, status != .inProgress else { return }
        change(id, at: now) { record in
            if !record.isFinal { record.status = status }
        }
    }

    // MARK: Audio

    /// Takes notice of audio: how long the user waited for it, and how long it lasts.
    mutating func takeAudio(of id: String?, milliseconds: Int, at now: Duration) {
        guard let id = id ?? spokenItemID, var record = records[id], !record.isCompact else {
            return
        }
        // No answer is longer than a day; a damaged length must not overflow.
        record.audioMs = min(record.audioMs + min(max(0, milliseconds), 86_400_000), 86_400_000)
        let responseID = record.responseID ?? activeResponseID
        if let responseID, let response = responses[responseID], !response.hasAudio {
            responses[responseID]?.hasAudio = true
            let waited = max(.zero, now - response.startedAt)
            record.timeToFirstAudioMs = Int(waited / .milliseconds(1))
        }
        records[id] = record
    }

    /// Takes how much of an answer was heard, as the player reckons.
    mutating func takeHeard(_ ms: Int, of id: String, at now: Duration) {
        guard records[id] != nil else { return }
        change(id, at: now) { $0.audioHeardMs = max(ms, $0.audioHeardMs ?? 0) }
    }

    /// The item that the present response speaks.
    private var spokenItemID: String? {
        let ids = activeResponseID.flatMap { responses[$0]?.itemIDs } ?? []
        return ids.last { records[$0]?.kind == .message }
    }
}
