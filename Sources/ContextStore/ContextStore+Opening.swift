internal import Foundation
internal import GRDB
internal import Glibc

extension ContextStore {
    static func open(
        _ path: String,
        _ configuration: Configuration
    ) throws -> any DatabaseWriter {
        var settings = GRDB.Configuration()
        let (seconds, attoseconds) = configuration.busyTimeout.components
        settings.busyMode = .timeout(Double(seconds) + Double(attoseconds) / 1e18)
        settings.maximumReaderCount = max(configuration.maximumReaders, 1)
        settings.foreignKeysEnabled = true
        if path == ":memory:" { return try DatabaseQueue(configuration: settings) }
        try makeFile(path)
        return try DatabasePool(path: path, configuration: settings)
    }

    /// Makes the directory and an empty file for their owner alone.
    ///
    /// SQLite gives the `-wal` and `-shm` files the rights of the database.
    private static func makeFile(_ path: String) throws {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw DatabaseError(resultCode: .SQLITE_CANTOPEN)
        }
        // An error shows when SQLite opens the file.
        let file = Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        if file >= 0 { Glibc.close(file) }
    }

    static func prepare(_ database: any DatabaseWriter) throws {
        try database.writeWithoutTransaction { db in
            if try Schema.migrator.hasBeenSuperseded(db) { throw ContextStoreError.newerDatabase }
            // GRDB sets NORMAL, with which a commit may be lost when the power fails.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                throw DatabaseError(resultCode: .SQLITE_MISUSE)
            }
            // Every append touches several indexes; 16 MiB keep their busy pages at hand.
            try db.execute(sql: "PRAGMA cache_size = -16384")
            // Deleted text is overwritten, not just forgotten.
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        try Schema.migrator.migrate(database)
    }
}
