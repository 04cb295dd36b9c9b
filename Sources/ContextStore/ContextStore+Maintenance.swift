internal import Foundation
internal import GRDB

extension ContextStore {
    /// Writes a little and waits until it is durable, for readiness checks.
    ///
    /// - Throws: ``ContextStoreError/unavailable(_:)`` when the disk is full, read-only or broken.
    public func probe() async throws {
        let now = now().milliseconds
        try await writer.perform { context in
            try context.db.run("INSERT OR REPLACE INTO probe (pk, written_at) VALUES (1, ?)", [now])
        }
    }

    /// Looks through the whole database; returns what is wrong, nothing when all is well.
    ///
    /// Takes time in proportion to the size of the database; reads and writes go on.
    public func check() async throws -> [String] {
        try await read { db in
            let damages = try String.fetchAll(db, sql: "PRAGMA integrity_check")
            let orphans = try db.rows("PRAGMA foreign_key_check") { row in
                let (table, pk) = (row.text(), row.optionalInteger())
                return "row \(pk ?? 0) of \(table) refers to a row that is not there"
            }
            return damages.filter { $0 != "ok" } + orphans
        }
    }

    /// Copies the database as it is now to a file, while reads and writes go on.
    ///
    /// The file takes the place of one that is there, and only once it is complete.
    ///
    /// - Throws: ``ContextStoreError/unavailable(_:)`` when the copy cannot be written.
    public func backup(to path: String) async throws {
        let database = database
        try await blocking {
            let unfinished = path + ".unfinished"
            try? FileManager.default.removeItem(atPath: unfinished)
            do {
                try Self.makeEmptyFile(unfinished)
                let copy = try DatabaseQueue(path: unfinished)
                try database.backup(to: copy)
                // Without this the copy would ask for a -wal file beside it.
                try copy.writeWithoutTransaction { db in
                    try db.execute(sql: "PRAGMA journal_mode = DELETE")
                }
                try copy.close()
                try Durably.rename(unfinished, to: path)
            } catch {
                try? FileManager.default.removeItem(atPath: unfinished)
                throw error
            }
        }
    }
}
