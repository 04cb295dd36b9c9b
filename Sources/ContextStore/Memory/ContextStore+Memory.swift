internal import GRDB

/// How far the memory engine is behind what is stored.
public struct MemoryProgress: Sendable, Equatable {
    /// How many messages wait to be indexed; an estimate on the high side.
    public let behind: Int
    /// The number of the last item that is stored.
    let last: Int64
}

/// What one step of indexing came to.
struct MemoryPass: Sendable {
    let indexedTo: Int64
    let isAtEnd: Bool
    let hasChangesLeft: Bool
}

extension ContextStore {
    /// Counts up when the same messages would give other derived rows.
    static let memoryVersion: Int64 = 3

    /// How far indexing is behind.
    public func memoryProgress() async throws -> MemoryProgress {
        try await read { db in
            let row = try db.first(
                """
                SELECT ifnull((SELECT max(pk) FROM items), 0),
                (SELECT CASE version WHEN ? THEN item_pk ELSE 0 END FROM memory_progress WHERE pk = 1),
                (SELECT count(*) FROM (SELECT 1 FROM memory_changes LIMIT 10000))
                """,
                [Self.memoryVersion]
            ) { (last: $0.integer(), place: $0.integer(), changes: $0.integer()) }
            guard let row else { return MemoryProgress(behind: 0, last: 0) }
            let behind = max(row.last - row.place, 0) + row.changes
            return MemoryProgress(behind: Int(behind), last: row.last)
        }
    }

    /// Indexes the next few items, oldest first, and then those that changed.
    func indexNext() async throws -> MemoryPass {
        let (place, new, changed) = try await read { db in
            let place = try Self.memoryPlace(db)
            return (
                place,
                try PendingItem.next(after: place, db),
                try PendingItem.changed(upTo: place, db)
            )
        }
        let indexedTo = new.last?.pk ?? place
        let derived = await DerivedMemory.all(of: new + changed)
        if !derived.isEmpty {
            let weight = derived.reduce(512) { $0 + $1.weight }
            try await writer.perform(weight: weight) { [ids] context in
                let memory = MemoryWriter(db: context.db, ids: ids, now: self.now(), place: place)
                for item in derived { try memory.store(item) }
                try context.db.run(
                    "UPDATE memory_progress SET item_pk = ?, version = ? WHERE pk = 1",
                    [indexedTo, Self.memoryVersion]
                )
            }
        }
        return MemoryPass(
            indexedTo: indexedTo,
            isAtEnd: derived.isEmpty,
            hasChangesLeft: !changed.isEmpty
        )
    }

    /// The last item that is indexed by the present rules.
    private static func memoryPlace(_ db: Database) throws -> Int64 {
        try db.first(
            "SELECT CASE version WHEN ? THEN item_pk ELSE 0 END FROM memory_progress WHERE pk = 1",
            [memoryVersion]
        ) { $0.integer() } ?? 0
    }
}
