import Foundation
import GRDB
import Testing

@testable import ContextStore

@Suite struct FailureTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func isUnavailable(_ error: (any Error)?, code: ResultCode) -> Bool {
        guard case .unavailable(let failure)? = error as? ContextStoreError else { return false }
        return ResultCode(rawValue: failure.code).primaryResultCode == code
    }

    private func limitPages(_ store: ContextStore, to pages: Int) async throws {
        try await store.database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
    }

    @Test func `a full disk fails whole writes, and space heals it`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        let pages = try await store.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        try await limitPages(store, to: pages + 20)

        let outcomes = await withTaskGroup(of: Result<String, any Error>.self) { group in
            for number in 0..<40 {
                group.addTask {
                    do {
                        let text = "\(number)-" + String(repeating: "x", count: 20_000)
                        let pair = [NewItem.make(text), .make(text)]
                        _ = try await ann.append(pair, to: id)
                        return .success(text)
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let acknowledged = outcomes.compactMap { try? $0.get() }
        let errors = outcomes.compactMap { outcome -> (any Error)? in
            guard case .failure(let error) = outcome else { return nil }
            return error
        }
        #expect(!errors.isEmpty)
        #expect(errors.allSatisfy { isUnavailable($0, code: .SQLITE_FULL) })
        let stored = try await ann.contents(of: id)
        #expect(stored.sorted() == (acknowledged + acknowledged).sorted())
        #expect(try await ann.conversation(id).messageCount == stored.count)

        try await limitPages(store, to: 100_000)
        _ = try await ann.append(.make("healed"), to: id)
        #expect(try await ann.contents(of: id).last == "healed")
        try await store.probe()
        #expect(try await store.check() == [])
        try await store.close()
    }

    @Test func `a disk that is full to the last page fails the probe`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        let pages = try await store.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        try await limitPages(store, to: pages)
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.append([.make(String(repeating: "x", count: 50_000))], to: id)
        }
        #expect(isUnavailable(error, code: .SQLITE_FULL))
        #expect(try await ann.contents(of: id) == [])
        try await store.close()
    }

    @Test func `a locked database is unavailable after the timeout, then works`() async throws {
        let store = try ContextStore.make(at: directory.file()) {
            $0.busyTimeout = .milliseconds(20)
        }
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        let intruder = try DatabaseQueue(path: directory.file())
        try await intruder.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode")
        }
        let gate = DispatchGate()
        let (locked, isLocked) = AsyncStream.makeStream(of: Void.self)
        intruder.asyncWriteWithoutTransaction { db in
            try? db.inTransaction(.immediate) {
                isLocked.finish()
                gate.wait()
                return .rollback
            }
        }
        for await _ in locked {}
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.append([.make("x")], to: id)
        }
        #expect(isUnavailable(error, code: .SQLITE_BUSY))
        let probe = await #expect(throws: ContextStoreError.self) { try await store.probe() }
        #expect(isUnavailable(probe, code: .SQLITE_BUSY))
        #expect(try await ann.contents(of: id) == [])
        gate.open()
        try await intruder.writeWithoutTransaction { _ in }
        _ = try await ann.append(.make("x"), to: id)
        #expect(try await ann.contents(of: id) == ["x"])
        try await store.close()
    }

    @Test func `a database that turns read-only is unavailable for writes alone`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        try await store.database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA query_only = 1")
        }
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.append([.make("x")], to: id)
        }
        #expect(isUnavailable(error, code: .SQLITE_READONLY))
        await #expect(throws: ContextStoreError.self) { try await store.probe() }
        #expect(try await ann.contents(of: id) == [])
        try await store.database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA query_only = 0")
        }
        try await store.probe()
        try await store.close()
    }

    @Test func `errors show no SQL and no text`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        try await store.database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA query_only = 1")
        }
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.append([.make("my secret")], to: id)
        }
        let shown = "\(String(describing: error)) \(String(reflecting: error))"
        #expect(!shown.contains("INSERT"))
        #expect(!shown.contains("secret"))
        try await store.close()
    }

    @Test func `a task that is cancelled before it writes writes nothing`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await ann.append([.make("x")], to: id)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await ann.contents(of: id) == [])
        try await store.close()
    }
}
