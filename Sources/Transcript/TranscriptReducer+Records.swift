extension TranscriptReducer {
    /// Changes what is known of an item, and stores what came of it.
    ///
    /// An item that nobody heard of begins to be known by it.
    mutating func change(_ id: String, at now: Duration, _ body: (inout ItemRecord) -> Void) {
        guard !id.isEmpty else { return }
        var record = records[id] ?? makeRecord(id, at: now)
        // Not shared with the dictionary, so that a growing text is not copied for each piece.
        records[id] = nil
        if !record.isCompact { body(&record) }
        records[id] = record
        publish(id, at: now)
    }

    /// Adds a piece of text; it is stored when the last checkpoint is long enough ago.
    mutating func grow(_ id: String, at now: Duration, _ body: (inout ItemRecord) -> Void) {
        guard !id.isEmpty else { return }
        var record = records[id] ?? makeRecord(id, at: now)
        records[id] = nil
        if !record.isCompact {
            body(&record)
            record.hasNews = true
        }
        records[id] = record
        track(id)
        checkpoint(id, at: now)
    }

    /// The order in which items were heard of.
    func sequence(of id: String) -> Int { records[id]?.sequence ?? 0 }

    /// Stores an item if it is in the transcript and not what the store has already.
    mutating func publish(_ id: String, at now: Duration) {
        guard let item = takeNews(of: id, at: now) else { return }
        actions.append(.store(item))
    }

    /// Brings the checkpoints that are due.
    mutating func checkpoint(at now: Duration) {
        for id in growing.sorted(by: { sequence(of: $0) < sequence(of: $1) }) {
            checkpoint(id, at: now)
        }
    }

    private mutating func checkpoint(_ id: String, at now: Duration) {
        guard growing.contains(id), let record = records[id],
            now - record.storedAt >= limits.checkpointInterval,
            let item = takeNews(of: id, at: now)
        else { return }
        actions.append(.checkpoint(item))
    }

    /// The item as it is now, if the store does not have it so.
    private mutating func takeNews(of id: String, at now: Duration) -> TranscriptItem? {
        // Afterwards, because it may give up the text of what is finished.
        defer { track(id) }
        guard let record = records[id], !record.isCompact, record.visibility == .shown else {
            return nil
        }
        let item = record.makeItem(after: place(of: record))
        records[id]?.hasNews = false
        guard item != record.stored else { return nil }
        records[id]?.stored = item
        records[id]?.storedAt = now
        return item
    }

    /// Where an item stands in the transcript, which lacks some of the conversation's items.
    private func place(of record: ItemRecord) -> ItemPredecessor {
        // What the store was told stays, even if the predecessor was deleted meanwhile.
        if let known = record.stored?.predecessor, known != .unknown { return known }
        var place = record.predecessor
        var hops = 0
        while case .item(let id) = place, let before = records[id], before.isLeftOut {
            hops += 1
            guard hops <= records.count else { return .unknown }
            place = before.predecessor
        }
        return place
    }

    /// Takes an item out of the transcript, or keeps it from ever entering.
    mutating func leaveOut(_ id: String, _ reason: ItemRecord.Reason, at now: Duration) {
        guard !id.isEmpty else { return }
        var record = records[id] ?? makeRecord(id, at: now)
        // What is deleted upstream may have been stored by another process.
        let isNews = reason == .deleted && record.visibility != .leftOut(.deleted)
        if record.stored != nil || isNews { actions.append(.delete(id: id)) }
        record.stored = nil
        record.visibility = .leftOut(reason)
        if record.isGone { record.parts = [:] }
        records[id] = record
        track(id)
    }

    /// Ends an item that nothing more is to come of.
    mutating func close(_ id: String, at now: Duration) {
        guard let record = records[id] else { return }
        let isKept = record.visibility == .shown || record.isWorthKeeping
        change(id, at: now) { record in
            record.isClosed = true
            if isKept && record.visibility == .unannounced { record.visibility = .shown }
            if !isKept { record.parts = [:] }
        }
        open.remove(id)
    }

    // MARK: Bounds

    /// Keeps the sets of ids in step with what is known of an item.
    private mutating func track(_ id: String) {
        guard let record = records[id] else { return }
        let isGone = record.isLeftOut && !record.isAwaitingTranscript
        setMember(id, of: \.awaiting, record.isAwaitingTranscript)
        setMember(id, of: \.growing, record.hasNews && record.visibility == .shown)
        setMember(id, of: \.open, !isGone && !record.isCompact && record.isOpen)
        if record.visibility == .shown && !record.isOpen && !record.isCompact { retire(id) }
    }

    private mutating func setMember(
        _ id: String,
        of set: WritableKeyPath<Self, Set<String>>,
        _ isMember: Bool
    ) {
        if isMember { self[keyPath: set].insert(id) } else { self[keyPath: set].remove(id) }
    }

    /// Counts a finished item, and gives up the text of the oldest ones.
    private mutating func retire(_ id: String) {
        guard let record = records[id], record.retiredBytes == nil else { return }
        let bytes = record.textBytes
        records[id]?.retiredBytes = bytes
        finishedBytes += bytes
        finished.append(id)
        while finished.count > limits.itemsWithText || finishedBytes > limits.textBytes {
            guard let oldest = finished.removeFirst() else { return }
            finishedBytes -= records[oldest]?.retiredBytes ?? 0
            records[oldest]?.retiredBytes = nil
            // Speech without a transcript holds no text, and may still get one.
            guard records[oldest]?.isOpen == false, records[oldest]?.lacksTranscript == false
            else { continue }
            records[oldest]?.compact()
        }
    }

    private mutating func makeRecord(_ id: String, at now: Duration) -> ItemRecord {
        lastSequence += 1
        while records.count >= limits.items, let oldest = order.removeFirst() {
            close(oldest, at: now)
            if let bytes = records.removeValue(forKey: oldest)?.retiredBytes {
                finishedBytes -= bytes
            }
            awaiting.remove(oldest)
            growing.remove(oldest)
        }
        order.append(id)
        return ItemRecord(id: id, sequence: lastSequence, at: now)
    }
}
