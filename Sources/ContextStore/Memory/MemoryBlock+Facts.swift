internal import GRDB

extension MemoryBlock {
    /// No more facts are prepared: beyond, they would not fit the largest budget.
    private static let maximumFacts = 200

    /// So many facts share a line, so that a small budget has room for some.
    private static let maximumShared = 8

    /// The kinds of facts; those that people most expect to be known, first.
    private static let kinds = [
        "name", "birthday", "family", "place", "job", "health", "preference", "other",
    ]

    /// The facts that are prepared: when there are too many, those of the first kinds, and of the
    /// last of these the latest found.
    private static func known(of user: Int64, _ db: Database) throws -> [FactRecord] {
        var records: [FactRecord] = []
        for kind in kinds where records.count < maximumFacts {
            let left = maximumFacts - records.count
            records += try FactRecord.all(of: user, kind: kind, limit: left, db)
        }
        return records
    }

    /// What holds, by kind and latest first, and behind it what held once.
    static func facts(of user: Int64, _ db: Database) throws -> [String] {
        let records = try known(of: user, db)
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
        return lines(sorted.map { ($0.0, end: ends[$0.0.pk]) })
    }

    /// A line for each fact that holds alone, or held; those of one kind that hold together share
    /// lines.
    private static func lines(_ facts: [(record: FactRecord, end: Timestamp?)]) -> [String] {
        var lines: [String] = []
        var last: (kind: String, count: Int)?
        for (record, end) in facts {
            let isShared = !record.isSingle && end == nil
            if isShared, let shared = last, shared.kind == record.kind, shared.count < maximumShared
            {
                lines[lines.count - 1] += "; " + record.text
                last?.count += 1
            } else {
                lines.append(line(of: record, until: end))
                last = isShared ? (record.kind, 1) : nil
            }
        }
        return lines
    }

    private static func line(of record: FactRecord, until end: Timestamp?) -> String {
        if let end {
            // Of what was only ever said to be over, nobody said until when it held.
            guard record.heldFrom != nil else { return "\(record.text) (no longer)" }
            return "\(record.text) (until \(end.formatted.day))"
        }
        guard record.isSingle, let since = record.heldFrom else { return record.text }
        return "\(record.text) (since \(since.formatted.day))"
    }
}
