import GRDB
import Synchronization
import Testing

@testable import ContextStore

@Suite struct GroupCommitWriterTests {
    private let directory: TemporaryDirectory
    private let pool: DatabasePool
    private let commits = Counter()

    init() throws {
        directory = try TemporaryDirectory()
        pool = try DatabasePool(path: directory.file())
        try pool.write { db in
            try db.execute(sql: "CREATE TABLE t (n INTEGER NOT NULL UNIQUE) STRICT")
        }
    }

    final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }

    private func makeWriter(
        _ change: (inout GroupCommitWriter.Limits) -> Void = { _ in }
    ) -> GroupCommitWriter {
        var limits = GroupCommitWriter.Limits()
        change(&limits)
        return GroupCommitWriter(pool, limits: limits) { [commits] _ in commits.add() }
    }

    @Sendable private static func insert(_ number: Int) -> @Sendable (WriteContext) throws -> Void {
        { context in try context.db.run("INSERT INTO t VALUES (?)", [number]) }
    }

    private func numbers() async throws -> [Int] {
        try await pool.read { try Int.fetchAll($0, sql: "SELECT n FROM t ORDER BY n") }
    }

    /// Keeps the writer's queue busy until released, so that requests gather.
    private func holdQueue() -> () -> Void {
        let gate = DispatchGate()
        pool.asyncWriteWithoutTransaction { _ in gate.wait() }
        return gate.open
    }

    @Test func `requests that wait are committed together`() async throws {
        let writer = makeWriter()
        let release = holdQueue()
        async let all: Void = withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask { try await writer.perform(Self.insert(number)) }
            }
            try await group.waitForAll()
        }
        while writer.waitingCount < 300 { await Task.yield() }
        release()
        try await all
        #expect(commits.count == 1)
        #expect(try await numbers() == Array(0..<300))
    }

    @Test func `a transaction takes no more requests and bytes than its bounds`() async throws {
        let writer = makeWriter {
            $0.batchRequests = 10
            $0.batchBytes = 1_000
        }
        let release = holdQueue()
        async let all: Void = withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<25 {
                // The last five fill a transaction's bytes by themselves.
                let weight = number < 20 ? 1 : 5_000
                group.addTask { try await writer.perform(weight: weight, Self.insert(number)) }
            }
            try await group.waitForAll()
        }
        while writer.waitingCount < 25 { await Task.yield() }
        release()
        try await all
        #expect((7...10).contains(commits.count))
        #expect(try await numbers().count == 25)
    }

    @Test func `an answer comes behind the commit`() async throws {
        let writer = makeWriter()
        for number in 0..<50 {
            try await writer.perform(Self.insert(number))
            #expect(commits.count == number + 1)
            // Another connection sees it: it is committed.
            #expect(try await numbers().count == number + 1)
        }
    }

    @Test(arguments: [true, false])
    func `a request that fails takes nobody with it`(failsAfterWriting: Bool) async throws {
        let writer = makeWriter()
        let release = holdQueue()
        async let outcomes = withTaskGroup(of: Bool.self) { group in
            for number in 0..<30 {
                group.addTask {
                    do {
                        try await writer.perform { context in
                            let isBad = number.isMultiple(of: 3)
                            if isBad && !failsAfterWriting {
                                throw ContextStoreError.invalidCursor
                            }
                            try Self.insert(number)(context)
                            if isBad { throw ContextStoreError.invalidCursor }
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        while writer.waitingCount < 30 { await Task.yield() }
        release()
        #expect(await outcomes == 20)
        #expect(try await numbers() == (0..<30).filter { !$0.isMultiple(of: 3) })
        #expect(commits.count == 1)
    }

    @Test func `a broken rule of the schema fails its own request`() async throws {
        let writer = makeWriter()
        try await writer.perform(Self.insert(1))
        let error = await #expect(throws: ContextStoreError.self) {
            try await writer.perform { context in
                try Self.insert(2)(context)
                try Self.insert(1)(context)
            }
        }
        guard case .refused = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await numbers() == [1])
    }

    @Test func `what a failed request noted is not told`() async throws {
        let told = Mutex<Set<ConversationChange>>([])
        let writer = GroupCommitWriter(pool) { context in
            told.withLock { $0.formUnion(context.changes) }
        }
        let change = ConversationChange(
            user: UserID(stored: "ann"),
            conversation: IdentifierGenerator().make(),
            session: nil
        )
        await #expect(throws: ContextStoreError.invalidCursor) {
            try await writer.perform { context in
                try Self.insert(1)(context)
                context.noteChange(change)
                throw ContextStoreError.invalidCursor
            }
        }
        #expect(told.withLock { $0 } == [])
        try await writer.perform { $0.noteChange(change) }
        #expect(told.withLock { $0 } == [change])
    }

    @Test func `beyond its bounds the queue refuses at once`() async throws {
        let writer = makeWriter {
            $0.waitingRequests = 3
            $0.waitingBytes = 10_000
        }
        let release = holdQueue()
        async let first: Void = writer.perform(weight: 20_000, Self.insert(1))
        while writer.waitingCount < 1 { await Task.yield() }
        await #expect(throws: ContextStoreError.overloaded) {
            try await writer.perform(weight: 1, Self.insert(2))
        }
        release()
        try await first

        let releaseAgain = holdQueue()
        async let three: Void = withThrowingTaskGroup(of: Void.self) { group in
            for number in 3..<6 {
                group.addTask { try await writer.perform(weight: 1, Self.insert(number)) }
            }
            try await group.waitForAll()
        }
        while writer.waitingCount < 3 { await Task.yield() }
        await #expect(throws: ContextStoreError.overloaded) {
            try await writer.perform(weight: 1, Self.insert(6))
        }
        releaseAgain()
        try await three
        #expect(try await numbers() == [1, 3, 4, 5])
    }

    @Test func `closing answers all that waits and refuses the rest`() async throws {
        let writer = makeWriter { $0.batchRequests = 2 }
        let release = holdQueue()
        async let all: Void = withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<9 {
                group.addTask { try await writer.perform(Self.insert(number)) }
            }
            try await group.waitForAll()
        }
        while writer.waitingCount < 9 { await Task.yield() }
        async let closed: Void = writer.close()
        release()
        await closed
        #expect(try await numbers().count == 9)
        try await all
        await #expect(throws: ContextStoreError.closed) {
            try await writer.perform(Self.insert(10))
        }
    }
}
