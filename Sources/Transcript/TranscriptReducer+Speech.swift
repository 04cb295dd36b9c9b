extension TranscriptReducer {
    /// Takes notice that the user began to speak, for the time of the item to come.
    mutating func startSpeech(_ id: String?, at now: Duration) {
        guard let id, records[id] == nil else { return }
        change(id, at: now) { _ in }
    }

    /// Starts the clock that runs until the answer's first audio.
    mutating func endTurn(at now: Duration) {
        // Some providers begin a response before they say that the user fell silent.
        if let id = activeResponseID, responses[id]?.hasAudio == false {
            responses[id]?.startedAt = now
        } else {
            turnEndedAt = now
        }
    }

    /// Takes notice that what the user said is an utterance.
    mutating func commit(_ id: String, at now: Duration) {
        let isExpected = isTranscribing
        change(id, at: now) { record in
            if record.visibility == .unannounced { record.expectsTranscript = isExpected }
            record.isCommitted = true
            if record.kind == nil && record.parts.isEmpty {
                record.parts[0] = ItemPart(kind: .audio, speech: ItemPart.Speech())
            }
        }
    }

    /// Takes what was understood so far.
    mutating func hear(
        _ span: TextSpan,
        at now: Duration,
        _ body: (inout ItemPart.Speech) -> Void
    ) {
        guard records[span.itemID]?.takesTranscript(of: span.part) != false else { return }
        grow(span.itemID, at: now) { record in
            record.changeSpeech(span.part, body)
        }
    }

    /// Takes a transcript, which may come long after the next turn.
    mutating func complete(_ transcription: Transcription, at now: Duration) {
        let id = transcription.span.itemID
        guard records[id]?.takesTranscript(of: transcription.span.part) != false else { return }
        countUsage(of: transcription)
        change(id, at: now) { record in
            record.changeSpeech(transcription.span.part) { speech in
                if transcription.isFinal {
                    speech.transcript = transcription.text
                } else {
                    speech.provisional = transcription.text
                }
            }
            record.confidence = transcription.confidence ?? record.confidence
            let isSaid = transcription.isFinal && !transcription.text.isEmpty
            // Its announcement may have been lost; what was said is not to be.
            let isUnannounced = isSaid && record.visibility == .unannounced
            if isUnannounced || record.isSaidAfterAll { record.visibility = .shown }
        }
    }

    /// Takes notice that there will be no transcript.
    mutating func fail(_ span: TextSpan, code: String, at now: Duration) {
        guard records[span.itemID]?.takesTranscript(of: span.part) != false else { return }
        change(span.itemID, at: now) { record in
            record.changeSpeech(span.part) { $0.failureCode = code }
        }
    }

    private mutating func countUsage(of transcription: Transcription) {
        let id = transcription.span.itemID
        guard let usage = transcription.usage, transcription.isFinal else { return }
        let key = "\(transcription.span.part) \(id)"
        guard countedTranscripts.insert(key) else { return }
        actions.append(
            .recordUsage(TranscriptUsage(source: .transcription(itemID: id), usage: usage))
        )
    }
}

extension ItemRecord {
    /// Whether a part is speech, or may turn out to be.
    func takesTranscript(of part: Int) -> Bool {
        guard !isCompact, role != .assistant else { return false }
        guard let known = parts[part] else { return true }
        return known.speech != nil || known.kind == .audio
    }

    /// Changes what is known of one part of what the user said.
    mutating func changeSpeech(_ index: Int, _ body: (inout ItemPart.Speech) -> Void) {
        var part = parts[index] ?? ItemPart(kind: .audio)
        var speech = part.speech ?? ItemPart.Speech()
        body(&speech)
        part.speech = speech
        parts[index] = part
    }
}
