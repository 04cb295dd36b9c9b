/// A stored fact with the times at which it was said.
struct FactRecord: Sendable, Equatable {
    let pk: Int64
    let id: FactID
    let kind: String
    let key: String
    let value: String
    let text: String
    /// Whether only one value of its kind and key holds at a time.
    let isSingle: Bool
    let source: Fact.Source
    let createdAt: Timestamp
    /// When it was first and last said to hold; nil when it was only said to be over.
    let heldFrom: Timestamp?
    let heldTo: Timestamp?
    /// When it was last said to be over.
    let endedAt: Timestamp?
    /// The newest message that says that it holds.
    let heldBy: Int64?
}

/// Works out which facts hold: a newer value takes the place of an older one, which stays, dated.
///
/// Those that the engine found and those of a model end each other in no case: they call the same
/// by other words.
enum FactHistory {
    private struct Slot: Hashable {
        let kind: String
        let key: String
        let source: Fact.Source
    }

    /// The records with the time until which each held; nil for what holds still.
    static func ends(of records: [FactRecord]) -> [Int64: Timestamp] {
        var ends: [Int64: Timestamp] = [:]
        for record in records {
            if let ended = record.endedAt, ended >= record.heldTo ?? ended {
                ends[record.pk] = ended
            }
        }
        let slots = Dictionary(grouping: records.filter(\.isSingle)) {
            Slot(kind: $0.kind, key: $0.key, source: $0.source)
        }
        for rivals in slots.values where rivals.count > 1 {
            for record in rivals {
                guard let last = record.heldTo else { continue }
                let successors = rivals.filter { $0.pk != record.pk && isNewer($0, record) }
                    .compactMap { start(of: $0, after: last) }
                guard let end = successors.min() else { continue }
                ends[record.pk] = min(ends[record.pk] ?? end, max(end, last))
            }
        }
        return ends
    }

    /// When a newer value took the place of one that was last said at a moment.
    ///
    /// That is when it was first said; where it was said before that moment too, only its last time
    /// is known to be later.
    private static func start(of record: FactRecord, after last: Timestamp) -> Timestamp? {
        guard let first = record.heldFrom, first > last else { return record.heldTo }
        return first
    }

    /// Of two values that were last said at the same moment, the one that was stored later holds;
    /// of those of one message, both.
    private static func isNewer(_ record: FactRecord, _ other: FactRecord) -> Bool {
        guard let last = record.heldTo, let otherLast = other.heldTo,
            last != otherLast || record.heldBy != other.heldBy
        else { return false }
        return (last, record.pk) > (otherLast, other.pk)
    }
}
