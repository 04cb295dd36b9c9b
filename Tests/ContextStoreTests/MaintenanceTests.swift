import Foundation
import GRDB
import Testing

@testable import ContextStore

@Suite struct MaintenanceTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `a backup is a whole store, taken while it is in use`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        _ = try await ann.append((0..<100).map { .make("\($0)") }, to: id)
        try Data("old".utf8).write(to: URL(fileURLWithPath: directory.file("copy.sqlite")))
        async let more = ann.append((100..<200).map { .make("\($0)") }, to: id)
        try await store.backup(to: directory.file("copy.sqlite"))
        _ = try await more
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(Set(files.filter { $0.hasPrefix("copy") }) == ["copy.sqlite"])

        let copy = try ContextStore.make(at: directory.file("copy.sqlite"))
        let contents = try await copy.user(named: "ann").contents(of: id)
        #expect([100, 200].contains(contents.count))
        #expect(contents == (0..<contents.count).map(String.init))
        #expect(try await copy.check() == [])
        try await copy.close()
        try await store.close()
    }

    @Test func `a backup that cannot be written leaves nothing behind`() async throws {
        let store = try ContextStore.make(at: directory.file())
        await #expect(throws: ContextStoreError.self) {
            try await store.backup(to: directory.file("missing/copy.sqlite"))
        }
        try await store.close()
    }

    @Test func `a check finds rows that refer to nothing`() async throws {
        let store = try ContextStore.make(at: directory.file())
        _ = try await store.user(named: "ann").makeSession()
        #expect(try await store.check() == [])
        try await store.database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; DELETE FROM conversations")
        }
        let problems = try await store.check()
        #expect(problems == ["row 1 of sessions refers to a row that is not there"])
        try await store.close()
    }

    @Test func `a probe writes`() async throws {
        let clock = TestClock()
        let store = try ContextStore.make(at: directory.file(), clock: clock)
        try await store.probe()
        clock.advance(.seconds(1))
        try await store.probe()
        let written = try await store.read {
            try Int64.fetchAll($0, sql: "SELECT written_at FROM probe")
        }
        #expect(written == [clock.now.milliseconds])
        try await store.close()
    }
}

extension TemporaryDirectory {
    func contents(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: file(name)))
    }
}
