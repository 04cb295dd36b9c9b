extension ItemRecord {
    /// This item as a store needs it, behind a predecessor that is in the transcript.
    func makeItem(after predecessor: ItemPredecessor) -> TranscriptItem {
        var item = TranscriptItem(id: id)
        let parts = orderedParts
        item.predecessor = predecessor
        item.kind = kind ?? .message
        item.role = item.kind == .message ? role ?? (isSpeech ? .user : nil) : nil
        item.content = parts.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n")
        item.contentKinds = parts.map(\.kind)
        item.status = visibleStatus
        item.call = call
        if !arguments.text.isEmpty { item.call.arguments = arguments.text }
        item.firstSeenAt = firstSeenAt
        item.responseID = responseID
        item.phase = phase
        item.timeToFirstAudioMs = timeToFirstAudioMs
        addSpeech(to: &item)
        addHeard(to: &item)
        return item
    }

    private func addSpeech(to item: inout TranscriptItem) {
        let speeches = orderedParts.compactMap(\.speech)
        guard !speeches.isEmpty else { return }
        item.confidence = confidence
        let open = speeches.filter { $0.transcript == nil && $0.provisional == nil }
        guard !open.isEmpty else { return }
        let heard = open.map(\.heard.text).filter { !$0.isEmpty }.joined(separator: "\n")
        item.partialTranscript = heard.isEmpty ? nil : heard
        item.transcriptionError =
            open.compactMap(\.failureCode).first ?? (isAwaitingTranscript ? nil : "none")
    }

    private func addHeard(to item: inout TranscriptItem) {
        item.audioEndMs = audioEndMs
        item.audioHeardMs = audioHeardMs
        guard let heardMs = audioEndMs ?? audioHeardMs,
            let spoken = orderedParts.first(where: { $0.speech == nil && $0.kind == .audio })
        else { return }
        guard let heard = HeardText(of: spoken.written, audioMs: audioMs, heardMs: heardMs) else {
            return
        }
        item.heardText = heard.text
        item.isHeardTextEstimated = heard.isEstimated
    }
}
