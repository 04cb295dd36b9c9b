/// What is known of items that a provider told anew, under other ids, in a resumed conversation.
struct Resumption: Sendable {
    private static let limit = 1_024

    /// The last item of the connections before.
    var lastSequence = 0
    /// The last item that was recognised; replays come in order.
    var recognisedSequence = 0
    private var originals: [String: String] = [:]
    private var order = RecentKeys()

    /// The id under which an item was known first.
    func original(of id: String) -> String {
        originals[id] ?? id
    }

    /// Remembers that an item is an old one.
    mutating func recognise(_ id: String, as original: String) {
        guard originals.updateValue(original, forKey: id) == nil else { return }
        order.append(id)
        if order.count > Self.limit, let oldest = order.removeFirst() { originals[oldest] = nil }
    }
}

extension TranscriptReducer {
    /// Takes an item that a resumed conversation begins with, which may be an old one.
    ///
    /// Ids may have changed, so that only kind, speaker and text tell.
    mutating func resume(_ item: ItemSnapshot, after place: ItemPredecessor, at now: Duration) {
        guard records[resumption.original(of: item.id)] == nil, let known = match(for: item) else {
            return add(item, after: place, at: now)
        }
        resumption.recognisedSequence = known.sequence
        resumption.recognise(item.id, as: known.id)
    }

    /// The first item of earlier connections that says the same, behind the last one recognised.
    private func match(for item: ItemSnapshot) -> ItemRecord? {
        var record = ItemRecord(id: item.id, sequence: 0, at: .zero)
        record.apply(item, .ending)
        let told = record.makeItem(after: .unknown)
        guard !told.storedText.isEmpty else { return nil }
        let candidates = records.values.filter { record in
            record.sequence > resumption.recognisedSequence
                && record.sequence <= resumption.lastSequence
                && record.stored?.kind == told.kind && record.stored?.role == told.role
                && record.stored?.storedText == told.storedText
        }
        return candidates.min { $0.sequence < $1.sequence }
    }

    /// A snapshot under the id that its item was known by first.
    func original(of item: ItemSnapshot) -> ItemSnapshot {
        var item = item
        item.id = resumption.original(of: item.id)
        return item
    }

    /// A place under the id that the predecessor was known by first.
    func original(of place: ItemPredecessor) -> ItemPredecessor {
        guard case .item(let id) = place else { return place }
        return .item(resumption.original(of: id))
    }
}
