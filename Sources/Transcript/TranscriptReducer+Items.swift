/// What follows when nobody speaks for a while.
struct IdleTimeout: Sendable {
    /// The empty item that the provider adds in the user's name.
    let itemID: String
    /// System messages that came since, of which one is the provider's own.
    var systemItemIDs: [String] = []
}

extension TranscriptReducer {
    /// Takes an item that entered the conversation, or is told anew.
    mutating func add(_ item: ItemSnapshot, after place: ItemPredecessor, at now: Duration) {
        announce(item, .announcement, after: place, at: now)
    }

    /// Takes an item that is final.
    mutating func end(_ item: ItemSnapshot, after place: ItemPredecessor, at now: Duration) {
        // Here "no predecessor" may also be said of an item behind the very first one.
        let place = place == .first ? .unknown : place
        announce(item, .ending, after: place, at: now)
    }

    /// Records where an answer's audio was cut; its text stays.
    mutating func truncate(_ id: String, audioEndMs: Int, at now: Duration) {
        change(resumption.original(of: id), at: now) { $0.audioEndMs = max(0, audioEndMs) }
    }

    /// Takes an item of which the provider says that it is in the conversation.
    mutating func announce(
        _ item: ItemSnapshot,
        _ authority: ItemRecord.Authority,
        after place: ItemPredecessor,
        at now: Duration
    ) {
        let item = original(of: item)
        let place = original(of: place)
        let isFirstTime = records[item.id].map { $0.visibility == .unannounced } ?? true
        let isIdle = isFirstTime && isWrittenByNobody(item)
        let isExpected = isTranscribing
        change(item.id, at: now) { record in
            if isFirstTime { record.expectsTranscript = isExpected }
            if !record.isGone { record.apply(item, authority) }
            // The first that is told counts.
            if record.predecessor == .unknown && place != .item(item.id) {
                record.predecessor = place
            }
            if isIdle {
                record.visibility = .leftOut(.idleTimeout)
            } else if record.visibility == .unannounced || record.isSaidAfterAll {
                record.visibility = .shown
            }
        }
        if isIdle { idle?.systemItemIDs.append(item.id) }
        if idle?.itemID == item.id { settleIdle(at: now) }
    }

    // MARK: Idle timeouts (the Realtime reference, 9.10)

    /// Takes notice that a system message and an empty item of the user's will follow.
    mutating func timeOut(_ id: String, at now: Duration) {
        guard !id.isEmpty else { return }
        idle = IdleTimeout(itemID: id)
        guard records[id]?.parts.values.contains(where: { !$0.text.isEmpty }) != true else {
            return
        }
        leaveOut(id, .idleTimeout, at: now)
        // The item may have been announced before the timeout that it belongs to.
        if records[id]?.kind != nil { settleIdle(at: now) }
    }

    /// The client asks for an item; one so long is not what a provider writes by itself.
    mutating func noteClientItem(_ key: String) {
        if key.utf8.count <= 4_096 { _ = clientItems.insert(key) }
    }

    /// Whether a system message may be the provider's own.
    private func isWrittenByNobody(_ item: ItemSnapshot) -> Bool {
        guard idle != nil, item.role == .system, !clientItems.contains(item.id) else {
            return false
        }
        let text = item.parts.compactMap(\.text).joined(separator: "\n")
        return !clientItems.contains(text)
    }

    /// Decides which system message was the provider's: the one before the user's empty item.
    ///
    /// If that never came, or does not tell, it is the first one.
    mutating func settleIdle(at now: Duration) {
        guard let timeout = idle else { return }
        idle = nil
        var own = timeout.systemItemIDs.first
        if case .item(let before)? = records[timeout.itemID]?.predecessor { own = before }
        for id in timeout.systemItemIDs where id != own {
            change(id, at: now) { $0.visibility = .shown }
        }
        // It may have come before the timeout that it belongs to.
        guard let before = own, let system = records[before], system.role == .system,
            system.visibility == .shown,
            let stored = system.stored,
            !clientItems.contains(before), !clientItems.contains(stored.content)
        else { return }
        leaveOut(before, .idleTimeout, at: now)
    }
}
