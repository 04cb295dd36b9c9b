internal import GRDB
internal import Glibc

/// Changes to directories that survive a power failure.
enum Durably {
    /// Brings a file to disk, then gives it another name in the same directory, for good.
    static func rename(_ path: String, to newPath: String) throws {
        try synchronize(path)
        guard chmod(path, 0o600) == 0, Glibc.rename(path, newPath) == 0 else { throw failure }
        let directory = newPath.lastIndex(of: "/").map { String(newPath[...$0]) } ?? "."
        try synchronize(directory)
    }

    private static func synchronize(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure }
    }

    private static var failure: DatabaseError {
        DatabaseError(resultCode: .SQLITE_IOERR)
    }
}
