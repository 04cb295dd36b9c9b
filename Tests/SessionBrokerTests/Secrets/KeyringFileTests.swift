import Glibc
import Testing

@testable import SessionBroker

@Suite struct KeyringFileTests {
    @Test func `the secret is made once, for its owner alone`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/secret"
            let first = try Keyring(loadingOrCreating: path).key(for: .cookie).copy
            let second = try Keyring(loadingOrCreating: path).key(for: .cookie).copy
            #expect(first == second)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(status.st_size == 32)
            #expect(fileNames(in: directory) == ["secret"])
        }
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o601] as [UInt32])
    func `a file open to others is refused`(mode: UInt32) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/secret"
            _ = try Keyring(loadingOrCreating: path)
            #expect(chmod(path, mode) == 0)
            #expect(throws: SecretFileError.readableByOthers(path: path, mode: mode)) {
                try Keyring(loadingOrCreating: path)
            }
        }
    }

    @Test(arguments: [0, 31, 33])
    func `a file of another size is refused, not replaced`(count: Int) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/secret"
            try write(Array(repeating: 1, count: count), to: path)
            #expect(throws: SecretFileError.notASecret(path: path, byteCount: count)) {
                try Keyring(loadingOrCreating: path)
            }
        }
    }

    @Test func `a directory in its place and a missing directory are refused`() throws {
        try withTemporaryDirectory { directory in
            #expect(throws: SecretFileError.notAFile(path: directory)) {
                try Keyring(loadingOrCreating: directory)
            }
            #expect(throws: SecretFileError.self) {
                try Keyring(loadingOrCreating: "\(directory)/missing/secret")
            }
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(file) }
        try #require(Glibc.write(file, bytes, bytes.count) == bytes.count)
    }
}
