internal import GRDB

extension MemoryBlock {
    /// No more facts are prepared: beyond, they would not fit the largest budget.
    private static let maximumFacts = 200

    /// The kinds of facts that people most expect to be known, first.
    private static let kinds = [
        "name", "birthday", "family", "place", "job", "health", "preference",
    ]

    /// What holds, by kind and latest first, and behind it what held once.
    static func facts(of user: Int64, _ db: Database) throws -> [String] {
        let records = try FactRecord.all(of: user, limit: maximumFacts, db)
        let ends = FactHistory.ends(of: records)
        let ranks = records.map { record in
            (
                record, hasEnded: ends[record.pk] != nil ? 1 : 0,
                kind: kinds.firstIndex(of: record.kind) ?? kinds.count
            )
        }
        let sorted = ranks.sorted { a, b in
            if (a.hasEnded, a.kind) != (b.hasEnded, b.kind) {
                return (a.hasEnded, a.kind) < (b.hasEnded, b.kind)
            }
            return (b.0.heldTo ?? b.0.createdAt, b.0.pk) < (a.0.heldTo ?? a.0.createdAt, a.0.pk)
        }
        return sorted.map { line(of: $0.0, until: ends[$0.0.pk]) }
    }

    private static func line(of record: FactRecord, until end: Timestamp?) -> String {
        if let end { return "\(record.text) (until \(end.formatted.day))" }
        return record.heldFrom.map { "\(record.text) (since \($0.formatted.day))" } ?? record.text
    }
}
