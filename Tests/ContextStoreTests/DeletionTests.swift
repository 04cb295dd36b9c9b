import GRDB
import Testing

@testable import ContextStore

@Suite struct DeletionTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private static let tables = [
        "users", "agents", "conversations", "sessions", "items", "deleted_items", "summaries",
        "idempotency_keys", "usage",
    ]

    private func counts(_ store: ContextStore) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for table in Self.tables { counts[table] = try await store.count(table) }
        return counts.filter { $0.value > 0 }
    }

    /// A user with something in every table.
    private func fill(_ user: UserStore, items: Int) async throws -> ConversationID {
        let agent = try await user.createAgent(AgentSettings(name: "Host")).id
        let session = try await user.createSession(.make(agent: agent))
        let id = session.conversationID
        _ = try await user.append((0..<items).map { .make("\($0)", in: session.id) }, to: id)
        let deleted = try await user.append(.make("x", id: "x"), to: id).item
        try await user.deleteItem(deleted.id)
        try await user.recordUsage(.make(in: session, "resp_1"))
        let now = try await user.segment(of: id, session: session.id, .last, limit: 1)
        try await user.storeSummary(
            .make(of: session.id, revision: now.revision),
            of: id
        )
        _ = try await user.createConversation(
            NewConversation(),
            once: IdempotencyRecord(key: "k", fingerprint: [1]) { _ in [1] }
        )
        return id
    }

    @Test func `a deleted conversation leaves no row behind`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let kept = try await fill(ann, items: 10)
        let before = try await counts(store)
        let bob = store.user(named: "bob")
        let gone = try await fill(bob, items: 500)
        try await bob.deleteConversation(gone)
        try await StoreOperator(store).purge()
        var expected = before
        expected["users"] = 2
        expected["agents"] = 2
        expected["conversations"] = (before["conversations"] ?? 0) + 1
        expected["idempotency_keys"] = 2
        #expect(try await counts(store) == expected)
        #expect(try await ann.contents(of: kept).count == 10)
        #expect(try await store.check() == [])
        try await store.close()
    }

    @Test func `deletion goes on after a restart, a step at a time`() async throws {
        let manual = try ContextStore.make(at: directory.file()) {
            $0.purgesInBackground = false
            $0.purgeStep = 100
        }
        let ann = manual.user(named: "ann")
        let id = try await fill(ann, items: 1_000)
        // As if the process ended right behind the deletion, or some steps later.
        try await manual.writer.perform { context in
            try context.db.run("UPDATE conversations SET deleted_at = 1 WHERE id = ?", [id.text])
        }
        try await manual.writer.perform {
            try Purge(oldestKey: Timestamp(milliseconds: 0)).removeSome($0.db, limit: 100)
        }
        // A step ends at its limit, or when its time is over, which a slow machine reaches first.
        #expect(try await (900..<1_000).contains(manual.count("items")))
        try await manual.close()

        let store = try ContextStore.make(at: directory.file())
        await #expect(throws: ContextStoreError.notFound(.conversation)) {
            try await store.user(named: "ann").conversation(id)
        }
        try await StoreOperator(store).purge()
        #expect(try await store.count("items") == 0)
        #expect(try await store.count("conversations") == 1)
        try await store.close()
    }

    @Test func `writes go on while much is being removed`() async throws {
        let store = try ContextStore.make(at: directory.file()) { $0.purgeStep = 50 }
        let ann = store.user(named: "ann")
        let big = try await fill(ann, items: 3_000)
        let other = try await ann.makeConversation()
        try await ann.deleteConversation(big)
        for number in 0..<10 { _ = try await ann.append(.make("\(number)"), to: other) }
        #expect(try await store.count("items") > 10)
        try await StoreOperator(store).purge()
        #expect(try await store.count("items") == 10)
        try await store.close()
    }

    @Test func `deleting everything of a user removes them alone, at once`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let bob = store.user(named: "bob")
        let id = try await fill(ann, items: 100)
        let others = try await fill(bob, items: 10)
        let session = try await ann.createSession(.make(secretHash: [9]))
        try await ann.deleteEverything()

        await #expect(throws: ContextStoreError.notFound(.conversation)) {
            try await ann.conversation(id)
        }
        await #expect(throws: ContextStoreError.notFound(.conversation)) {
            try await ann.append([.make("x")], to: id)
        }
        await #expect(throws: ContextStoreError.notFound(.session)) {
            try await ann.session(session.id)
        }
        #expect(try await store.session(secretHash: [9]) == nil)
        #expect(try await ann.agents().elements == [])
        #expect(try await ann.rememberedAnswer(key: "k", fingerprint: [1]) == nil)

        // The same name begins anew, before and after the rows are gone.
        let fresh = try await ann.makeConversation()
        try await StoreOperator(store).purge()
        #expect(try await ann.conversations().elements.map(\.id) == [fresh])
        #expect(try await bob.contents(of: others).count == 10)
        #expect(try await store.count("users") == 2)
        #expect(try await store.count("items") == 10)
        #expect(try await store.check() == [])
        try await store.close()
    }

    @Test func `deleted text is nowhere in the file`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        let secret = "xyzzy-\(UInt64(0xFEED_FACE))"
        let item = try await ann.append(
            .make(secret + String(repeating: ".", count: 9_000)),
            to: id
        ).item
        _ = try await ann.append((0..<50).map { .make("\($0)") }, to: id)
        try await ann.deleteItem(item.id)
        try await store.backup(to: directory.file("copy.sqlite"))
        let bytes = try directory.contents("copy.sqlite")
        #expect(!bytes.isEmpty)
        #expect(!String(decoding: bytes, as: UTF8.self).contains(secret))
        try await store.close()
    }

    @Test func `a busy writer does not end the removing`() async throws {
        let store = try ContextStore.make(at: directory.file()) {
            $0.purgesInBackground = false
            $0.writerLimits.waitingRequests = 1
        }
        let ann = store.user(named: "ann")
        let id = try await fill(ann, items: 10)
        try await ann.deleteConversation(id)
        // The writer is held up, and one request waits, which is all that may.
        let gate = DispatchGate()
        store.database.asyncWriteWithoutTransaction { _ in gate.wait() }
        let waiting = Task { try await ann.makeConversation() }
        while store.writer.waitingCount == 0 { await Task.yield() }
        let purge = Task { try await StoreOperator(store).purge() }
        // Meanwhile the purger is refused as well.
        for _ in 0..<2_000 {
            await #expect(throws: ContextStoreError.overloaded) { try await ann.makeConversation() }
        }
        gate.open()
        _ = try await waiting.value
        try await purge.value
        #expect(try await store.count("items") == 0)
        try await store.close()
    }

    @Test func `a deletion in a batch with a request that fails leaves no number behind`()
        async throws
    {
        let store = try ContextStore.make(at: directory.file()) { $0.purgesInBackground = false }
        let ann = store.user(named: "ann")
        let gate = DispatchGate()
        store.database.asyncWriteWithoutTransaction { _ in gate.wait() }
        async let made = ann.makeConversation()
        while store.writer.waitingCount < 1 { await Task.yield() }
        async let deleted: Void = ann.deleteEverything()
        while store.writer.waitingCount < 2 { await Task.yield() }
        // It fails behind its first write, so that the batch is done again with savepoints.
        let failing = Task {
            try await store.writer.perform { context in
                try context.db.run("UPDATE users SET created_at = created_at")
                throw ContextStoreError.invalidCursor
            }
        }
        while store.writer.waitingCount < 3 { await Task.yield() }
        gate.open()
        _ = try await made
        try await deleted
        await #expect(throws: ContextStoreError.invalidCursor) { try await failing.value }
        #expect(store.users.pk(of: ann.user) == nil)
        let fresh = try await ann.makeConversation()
        #expect(try await ann.conversations().elements.map(\.id) == [fresh])
        try await store.close()
    }
}
