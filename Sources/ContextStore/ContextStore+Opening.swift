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
        if isOnReadOnlyDisk(path) {
            // In WAL mode even reading makes files, unless SQLite is told that nothing changes
            // (https://www.sqlite.org/wal.html#readonly); nothing can, on such a disk.
            settings.readonly = true
            return try DatabaseQueue(path: immutableURI(path), configuration: settings)
        }
        try makeFile(path)
        return try DatabasePool(path: path, configuration: settings)
    }

    private static func isOnReadOnlyDisk(_ path: String) -> Bool {
        access(path, W_OK) != 0 && errno == EROFS
    }

    /// The file as a URI (https://www.sqlite.org/uri.html) that says it does not change.
    private static func immutableURI(_ path: String) -> String {
        let full = URL(fileURLWithPath: path).path
        let allowed = CharacterSet.urlPathAllowed.subtracting(["?", "#", "%"])
        let escaped = full.addingPercentEncoding(withAllowedCharacters: allowed) ?? full
        return "file:\(escaped)?immutable=1"
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
        try? makeEmptyFile(path)
    }

    /// Makes a file for its owner alone, unless there is one.
    static func makeEmptyFile(_ path: String) throws {
        let file = Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DatabaseError(resultCode: .SQLITE_CANTOPEN) }
        Glibc.close(file)
    }

    static func prepare(_ database: any DatabaseWriter) throws {
        guard !database.configuration.readonly else {
            return try database.read { db in try requireSchema(db) }
        }
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

    /// A database that cannot be migrated must be of this version already.
    private static func requireSchema(_ db: Database) throws {
        if try Schema.migrator.hasBeenSuperseded(db) { throw ContextStoreError.newerDatabase }
        guard try Schema.migrator.hasCompletedMigrations(db) else {
            throw DatabaseError(resultCode: .SQLITE_READONLY)
        }
    }
}
