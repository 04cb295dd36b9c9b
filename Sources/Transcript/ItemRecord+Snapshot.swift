extension ItemRecord {
    /// How much a snapshot counts against what is known.
    enum Authority {
        /// It begins an item, or tells an old one anew.
        case announcement
        /// It ends the item.
        case ending
    }

    /// Takes in what an event tells of this item.
    mutating func apply(_ snapshot: ItemSnapshot, _ authority: Authority) {
        guard !isCompact else { return }
        kind = kind ?? snapshot.kind
        role = role ?? snapshot.role
        phase = snapshot.phase ?? phase
        applyCall(snapshot.call, authority)
        applyParts(snapshot, authority)
        applyStatus(snapshot, authority)
    }

    private mutating func applyStatus(_ snapshot: ItemSnapshot, _ authority: Authority) {
        var told = snapshot.status ?? (authority == .ending ? .completed : defaultStatus)
        if authority == .ending && told == .inProgress { told = .completed }
        guard told != .inProgress else { return }
        // An answer that was cut stays cut, whichever of several endings comes last.
        if status != .incomplete { status = told }
    }

    /// The status of a new item whose provider does not tell one.
    private var defaultStatus: TranscriptItem.Status {
        switch kind {
        case .message where responseID != nil: .inProgress
        case .message, .functionCallOutput, .mcpApprovalResponse: .completed
        default: .inProgress
        }
    }

    private mutating func applyCall(_ told: TranscriptItem.Call, _ authority: Authority) {
        call.name = told.name ?? call.name
        call.callID = told.callID ?? call.callID
        call.output = told.output ?? call.output
        call.serverLabel = told.serverLabel ?? call.serverLabel
        call.error = told.error ?? call.error
        call.toolNames = told.toolNames ?? call.toolNames
        call.approvalRequestID = told.approvalRequestID ?? call.approvalRequestID
        call.isApproved = told.isApproved ?? call.isApproved
        guard let text = told.arguments, !text.isEmpty else { return }
        if authority == .ending { arguments.finish(text) } else { arguments.fill(text) }
    }

    private mutating func applyParts(_ snapshot: ItemSnapshot, _ authority: Authority) {
        for (index, told) in snapshot.parts.enumerated() {
            var part = parts[index] ?? ItemPart(kind: told.kind)
            part.kind = told.kind
            if told.kind == .audio && role == .user {
                takeSpeech(told.text, into: &part)
            } else if let text = told.text, !text.isEmpty {
                take(text, into: &part, authority)
            }
            parts[index] = part
        }
    }

    /// A transcript in an item that is told anew; an empty one only says that there is none yet.
    private func takeSpeech(_ text: String?, into part: inout ItemPart) {
        var speech = part.speech ?? ItemPart.Speech()
        if let text, !text.isEmpty, speech.transcript == nil { speech.transcript = text }
        part.speech = speech
    }

    private func take(_ text: String, into part: inout ItemPart, _ authority: Authority) {
        if audioEndMs != nil {
            // The provider has forgotten text that it generated; we have not.
            part.written.finish(ifLonger: text)
        } else if authority == .ending {
            part.written.finish(text)
        } else {
            part.written.fill(text)
        }
    }
}
