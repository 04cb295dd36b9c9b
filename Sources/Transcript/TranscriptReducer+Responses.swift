/// What the reducer knows of one response.
struct ResponseRecord: Sendable {
    var conversation: ResponseSnapshot.Conversation
    /// When the user's turn ended, or else when the response began.
    var startedAt: Duration
    var itemIDs: [String] = []
    var hasAudio = false
    var isUsageCounted = false
}

extension TranscriptReducer {
    /// Takes notice that the model begins to answer.
    mutating func begin(_ response: ResponseSnapshot, at now: Duration) {
        guard !response.id.isEmpty, responses[response.id] == nil else { return }
        remember(response, startedAt: turnEndedAt ?? now)
        guard response.conversation == .joined else { return }
        turnEndedAt = nil
        activeResponseID = response.id
        settleIdle(at: now)
    }

    /// Takes the end of a response, and ends what is still open of it.
    mutating func end(_ response: ResponseSnapshot, at now: Duration) {
        guard !response.id.isEmpty else { return }
        if responses[response.id] == nil { remember(response, startedAt: now) }
        countUsage(of: response)
        if response.conversation == .none { responses[response.id]?.conversation = .none }
        for item in response.output {
            takeOutput(item, of: response.id, .ending, at: now)
        }
        for id in responses[response.id]?.itemIDs ?? [] {
            endOutput(id, of: response, at: now)
        }
        if activeResponseID == response.id { activeResponseID = nil }
    }

    /// Takes an item of a response; whether it is in the conversation is told elsewhere.
    mutating func takeOutput(
        _ item: ItemSnapshot,
        of responseID: String?,
        _ authority: ItemRecord.Authority,
        at now: Duration
    ) {
        if let responseID { link(item.id, to: responseID, at: now) }
        guard records[item.id]?.isLeftOut != true else { return }
        change(item.id, at: now) { record in
            record.responseID = record.responseID ?? responseID
            record.apply(item, authority)
        }
    }

    private mutating func remember(_ response: ResponseSnapshot, startedAt: Duration) {
        responses[response.id] = ResponseRecord(
            conversation: response.conversation,
            startedAt: startedAt
        )
        responseOrder.append(response.id)
        if responseOrder.count > limits.responses, let oldest = responseOrder.removeFirst() {
            responses[oldest] = nil
        }
    }

    /// Ties an item to its response, which may mean that it is none of the conversation.
    mutating func link(_ id: String, to responseID: String, at now: Duration) {
        guard let response = responses[responseID], !id.isEmpty else { return }
        if !response.itemIDs.contains(id) { responses[responseID]?.itemIDs.append(id) }
        guard response.conversation == .none, records[id]?.isLeftOut != true else { return }
        leaveOut(id, .outOfBand, at: now)
    }

    private mutating func endOutput(_ id: String, of response: ResponseSnapshot, at now: Duration) {
        guard let record = records[id] else { return }
        if responses[response.id]?.conversation == ResponseSnapshot.Conversation.none {
            return record.isLeftOut ? () : leaveOut(id, .outOfBand, at: now)
        }
        // A provider that does not announce its answers still gave them.
        let isUnannounced = record.visibility == .unannounced && record.kind != nil
        change(id, at: now) { record in
            if !record.isFinal {
                let isWhole = (response.status ?? .completed) == .completed
                record.status = isWhole ? .completed : .incomplete
            }
            if isUnannounced { record.visibility = .shown }
        }
    }

    private mutating func countUsage(of response: ResponseSnapshot) {
        guard let usage = response.usage, responses[response.id]?.isUsageCounted == false else {
            return
        }
        responses[response.id]?.isUsageCounted = true
        let source = TranscriptUsage.Source.response(id: response.id, response.status)
        actions.append(.recordUsage(TranscriptUsage(source: source, usage: usage)))
    }
}
