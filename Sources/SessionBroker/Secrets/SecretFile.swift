internal import Glibc

/// A small file that only its owner may read.
struct SecretFile {
    let path: String

    /// Whether there is anything at the path.
    var exists: Bool { access(path, F_OK) == 0 }

    /// The bytes of the file; when there is none, of one that is made at once and whole.
    func loadOrCreate(_ makeBytes: () throws -> [UInt8]) throws -> [UInt8] {
        if let bytes = try load() { return bytes }
        try create(try makeBytes())
        // Another process may have been first: what counts is what the file says.
        guard let bytes = try load() else {
            throw SecretFileError.system(path: path, call: "open", code: ENOENT)
        }
        return bytes
    }

    /// Puts a copy of another secret's file in the place of this one; without such a file, this one is
    /// not there either.
    func replace(withCopyOf other: SecretFile) throws(SecretFileError) {
        guard let bytes = try other.load() else {
            guard unlink(path) == 0 || errno == ENOENT else { throw failure("unlink") }
            return
        }
        try write(bytes) { draft in rename(draft, path) == 0 ? nil : "rename" }
    }

    /// The bytes of the file, nil when there is none.
    private func load() throws(SecretFileError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            guard errno != ENOENT else { return nil }
            throw failure("open")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        guard status.st_mode & 0o077 == 0 else {
            throw .readableByOthers(path: path, mode: status.st_mode & 0o777)
        }
        var bytes = [UInt8](repeating: 0, count: Self.sizeLimitBytes)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw failure("read") }
        return Array(bytes.prefix(count))
    }

    /// Makes the file; one that is there stays as it is.
    private func create(_ bytes: [UInt8]) throws(SecretFileError) {
        try write(bytes) { draft in link(draft, path) == 0 || errno == EEXIST ? nil : "link" }
    }

    /// Writes a file of its own beside, and has it put into place: whoever opens `path` sees all or
    /// nothing.
    ///
    /// `place` returns the call that failed; nil for none.
    private func write(
        _ bytes: [UInt8],
        _ place: (_ draft: String) -> String?
    ) throws(SecretFileError) {
        let draft = "\(path).\(getpid()).\(UInt64.random(in: 0...UInt64.max)).tmp"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("create") }
        defer {
            close(file)
            unlink(draft)
        }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw failure("write") }
        guard fsync(file) == 0 else { throw failure("fsync") }
        if let call = place(draft) { throw failure(call) }
        try syncDirectory()
    }

    /// Makes the new name survive power loss (fsync(2), NOTES).
    private func syncDirectory() throws(SecretFileError) {
        let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("open directory") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("fsync directory") }
    }

    private static let sizeLimitBytes = 4_096

    private func failure(_ call: String) -> SecretFileError {
        .system(path: path, call: call, code: errno)
    }
}

/// Why a secret file cannot be used; each says what to do.
enum SecretFileError: Error, Equatable, CustomStringConvertible {
    case readableByOthers(path: String, mode: UInt32)
    case notAFile(path: String)
    case notASecret(path: String, byteCount: Int)
    case system(path: String, call: String, code: Int32)

    /// One sentence for whoever starts the broker.
    var description: String {
        switch self {
        case .readableByOthers(let path, let mode):
            "\(path) is open to other users (mode \(String(mode, radix: 8))); run: chmod 600 \(path)"
        case .notAFile(let path):
            "\(path) is not a regular file"
        case .notASecret(let path, let byteCount):
            "\(path) must hold \(SecretKey.byteCount) bytes, but holds \(byteCount)"
        case .system(let path, let call, let code):
            "\(path): \(call): \(String(cString: strerror(code)))"
        }
    }
}
