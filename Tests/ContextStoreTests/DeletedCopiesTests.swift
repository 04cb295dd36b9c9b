import GRDB
import JSON
import Testing

@testable import ContextStore

/// Text that was copied elsewhere goes with the message that it came from.
@Suite struct DeletedCopiesTests {
    private let clock = TestClock()
    private let store: ContextStore
    private let ann: UserStore

    init() throws {
        store = try ContextStore.make(clock: clock) { $0.purgesInBackground = false }
        ann = store.user(named: "ann")
    }

    private func sentences() async throws -> [String] {
        try await store.database.read { db in
            try String.fetchAll(db, sql: "SELECT text FROM memory_sentences ORDER BY item_pk")
        }
    }

    /// Everything that the tables have as text.
    private func allText() async throws -> String {
        try await store.database.read { db in
            let tables = try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%fts%'"
            )
            return try tables.flatMap { try Row.fetchAll(db, sql: "SELECT * FROM \($0)") }
                .map(\.description).joined(separator: "\n")
        }
    }

    @Test func `a deleted question goes from the sentence that answers it`() async throws {
        let id = try await ann.makeConversation()
        let call = NewItem(kind: .functionCall, role: .assistant, content: "{}")
        let items = try await ann.append(
            [.make("Do you take lithium?", role: .assistant), call, .make("Yes.")],
            to: id
        ).map(\.item)
        try await store.index()
        #expect(try await sentences().contains("(take lithium?) Yes."))
        try await ann.deleteItem(items[0].id)
        #expect(try await !sentences().contains { $0.contains("lithium") })
        try await store.index()
        #expect(try await !sentences().contains { $0.contains("lithium") })
        #expect(try await !allText().contains("lithium"))
    }

    @Test func `a forgotten question goes from the sentence that answers it`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(
            [.make("My name is Olga. Shall I take lithium?"), .make("Yes.", role: .assistant)],
            to: id
        )
        try await store.index()
        #expect(try await sentences().contains { $0.hasPrefix("(") && $0.contains("lithium") })
        let fact = try #require(try await ann.facts().elements.first)
        try await ann.forgetFact(fact.id)
        try await store.index()
        #expect(try await !sentences().contains { $0.contains("lithium") })
    }

    private func makeSession(_ memory: JSONValue) async throws -> Session {
        var new = NewSession.make()
        new.configuration = ["instructions": "Be kind.", Session.memoryKey: memory]
        return try await ann.createSession(new)
    }

    @Test func `a session's memory goes with any message, and nothing else of it`() async throws {
        let id = try await ann.makeConversation()
        let item = try await ann.append(.make("I keep xyzzy."), to: id).item
        let session = try await makeSession("U: keep xyzzy.")
        #expect(session.configuration[Session.memoryKey] == "U: keep xyzzy.")
        try await ann.deleteItem(item.id)
        let left = try await ann.session(session.id).configuration
        #expect(left == ["instructions": "Be kind."])
        #expect(try await !allText().contains("xyzzy"))
    }

    @Test func `a session's memory stays when one of its own messages goes`() async throws {
        let session = try await makeSession("U: keep xyzzy.")
        let item = NewItem.make("Hello.", in: session.id)
        let said = try await ann.append(item, to: session.conversationID).item
        try await ann.deleteItem(said.id)
        #expect(try await ann.session(session.id).configuration[Session.memoryKey] != nil)
    }

    @Test func `the memory of a session that nobody came to goes with the next one`() async throws {
        let unused = try await makeSession("U: keep xyzzy.")
        let used = try await makeSession("U: keep xyzzy.")
        try await ann.markSessionActive(used.id)
        clock.advance(.seconds(601))
        let next = try await makeSession("U: keep xyzzy.")
        func memory(_ session: Session) async throws -> JSONValue? {
            try await ann.session(session.id).configuration[Session.memoryKey]
        }
        #expect(try await memory(unused) == nil)
        #expect(try await memory(used) != nil)
        #expect(try await memory(next) != nil)
        // A call lasts no longer than an hour.
        clock.advance(.seconds(3_600))
        _ = try await makeSession("U: keep xyzzy.")
        #expect(try await memory(used) == nil)
    }

    @Test func `a session's memory ends with it`() async throws {
        let session = try await makeSession("U: keep xyzzy.")
        try await ann.endSession(session.id, reason: "test")
        #expect(try await !allText().contains("xyzzy"))
    }

    @Test func `sessions' memory goes when a conversation does or a fact is forgotten`()
        async throws
    {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("My name is Olga."), to: id)
        try await store.index()
        let first = try await makeSession("Name: Olga")
        let fact = try #require(try await ann.facts().elements.first)
        try await ann.forgetFact(fact.id)
        #expect(try await ann.session(first.id).configuration[Session.memoryKey] == nil)
        let second = try await makeSession("Name: Olga")
        try await ann.deleteConversation(id)
        #expect(try await ann.session(second.id).configuration[Session.memoryKey] == nil)
    }

    @Test func `prepared blocks go with what they were made of`() async throws {
        let id = try await ann.makeConversation()
        let item = try await ann.append(.make("My sister Olga moved to Bergen."), to: id).item
        try await store.index()
        _ = try await ann.memoryBlock()
        #expect(try await store.count("memory_blocks") == 1)
        try await ann.deleteItem(item.id)
        #expect(try await store.count("memory_blocks") == 0)
    }

    @Test func `the answer that an idempotency key remembers goes with its messages`() async throws
    {
        let (id, other) = (try await ann.makeConversation(), try await ann.makeConversation())
        func append(_ key: String, to id: ConversationID) async throws -> [UInt8]? {
            let record = IdempotencyRecord<[StoredItem]>(key: key, fingerprint: [1]) {
                Array(($0.first?.item.content ?? "").utf8)
            }
            return try await ann.append([.make("secret")], to: id, once: record).answer
        }
        _ = try await append("gone", to: id)
        _ = try await append("kept", to: other)
        let item = try #require(try await ann.items(of: id).elements.first)
        try await ann.deleteItem(item.id)
        await #expect(throws: ContextStoreError.self) { try await append("gone", to: id) }
        #expect(try await ann.contents(of: id) == [])
        #expect(try await append("kept", to: other) == Array("secret".utf8))
    }

    @Test func `what was forgotten or hidden while it was derived is not indexed`() async throws {
        let (kept, gone) = (try await ann.makeConversation(), try await ann.makeConversation())
        _ = try await ann.append(.make("secret one"), to: kept)
        _ = try await ann.append(.make("secret two"), to: gone)
        let pending = try await store.database.read { try PendingItem.next(after: 0, $0) }
        try await ann.deleteConversation(gone)
        let derived = await DerivedMemory.all(of: pending)
        try await store.writer.perform { [store] context in
            try context.db.run("INSERT INTO forgotten_items SELECT min(pk) FROM items")
            let memory = MemoryWriter(
                db: context.db,
                ids: store.ids,
                now: store.now(),
                place: 0
            )
            for item in derived { try memory.store(item) }
        }
        #expect(derived.count == 2)
        #expect(try await store.count("memory_messages") == 0)
    }
}
