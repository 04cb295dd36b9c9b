import GRDB
import Testing

@testable import ContextStore

@Suite struct MemoryIndexerTests {
    private struct Counts: Equatable {
        let messages: Int
        let words: Int
    }

    private func counts(_ store: ContextStore) async throws -> [Counts] {
        try await store.database.read { db in
            try Row.fetchAll(db, sql: "SELECT messages, words FROM memory_users ORDER BY user_pk")
                .map { Counts(messages: $0["messages"], words: $0["words"]) }
        }
    }

    @Test func `what is said is found by the forms of its words`() async throws {
        let store = try ContextStore.make()
        let id = try await store.user().makeConversation()
        _ = try await store.user().append(.make("We moved to Genève in May."), to: id)
        try await store.index()
        #expect(try await store.indexed("moving") == ["We moved to Genève in May."])
        #expect(try await store.indexed("geneve").count == 1)
        #expect(try await counts(store) == [Counts(messages: 1, words: 6)])
        #expect(try await store.memoryProgress().behind == 0)
    }

    @Test func `messages are counted for each user alone`() async throws {
        let store = try ContextStore.make()
        for (name, texts) in [("ann", ["one two", "three"]), ("bo", ["four"])] {
            let user = store.user(named: name)
            let id = try await user.makeConversation()
            _ = try await user.append(texts.map { .make($0) }, to: id)
        }
        try await store.index()
        #expect(
            try await counts(store) == [
                Counts(messages: 2, words: 3), Counts(messages: 1, words: 1),
            ]
        )
    }

    @Test func `more than one batch is indexed, each message once, also when asked twice`()
        async throws
    {
        let store = try ContextStore.make()
        let id = try await store.user().makeConversation()
        _ = try await store.user().append((0..<300).map { .make("word\($0)") }, to: id)
        let indexer = MemoryIndexer(store: store, logger: .silent)
        async let first = indexer.catchUp()
        async let second = indexer.catchUp()
        #expect(try await [first, second] == [true, true])
        try await store.index()
        #expect(try await counts(store) == [Counts(messages: 300, words: 300)])
        try await store.checkIndex()
    }

    @Test func `an indexer goes on where another one ended`() async throws {
        let directory = try TemporaryDirectory()
        let first = try ContextStore.make(at: directory.file())
        let id = try await first.user().makeConversation()
        _ = try await first.user().append(.make("alpha"), to: id)
        try await first.index()
        _ = try await first.user().append(.make("beta"), to: id)
        #expect(try await first.memoryProgress().behind == 1)
        try await first.close()

        let second = try ContextStore.make(at: directory.file())
        try await second.index()
        #expect(try await second.indexed("alpha") == ["alpha"])
        #expect(try await second.indexed("beta") == ["beta"])
        #expect(try await counts(second) == [Counts(messages: 2, words: 2)])
        try await second.close()
    }

    @Test func `a message that grows is found by what it says now`() async throws {
        let store = try ContextStore.make()
        let id = try await store.user().makeConversation()
        let partial = NewItem.make("tea", id: "a", role: .assistant, status: .inProgress)
        _ = try await store.user().append(partial, to: id)
        try await store.index()
        _ = try await store.user().append(.make("coffee now", id: "a", role: .assistant), to: id)
        #expect(try await store.memoryProgress().behind == 1)
        try await store.index()
        #expect(try await store.indexed("tea") == [])
        #expect(try await store.indexed("coffee") == ["coffee now"])
        #expect(try await counts(store) == [Counts(messages: 1, words: 2)])
        #expect(try await store.memoryProgress().behind == 0)
        try await store.checkIndex()
    }

    @Test func `what is deleted is gone from the index`() async throws {
        let store = try ContextStore.make { $0.purgesInBackground = false }
        let user = store.user()
        let (kept, gone) = (try await user.makeConversation(), try await user.makeConversation())
        let item = try await user.append(.make("secret one"), to: kept)
        _ = try await user.append(.make("secret two"), to: kept)
        _ = try await user.append(.make("secret three"), to: gone)
        try await store.index()
        try await user.deleteItem(item.item.id)
        #expect(try await store.indexed("secret") == ["secret two", "secret three"])
        try await user.deleteConversation(gone)
        try await StoreOperator(store).purge()
        #expect(try await store.indexed("secret") == ["secret two"])
        #expect(try await counts(store) == [Counts(messages: 1, words: 2)])
        try await user.deleteEverything()
        try await StoreOperator(store).purge()
        for table in ["memory_messages", "memory_users", "memory_changes"] {
            #expect(try await store.count(table) == 0)
        }
        try await store.checkIndex()
    }

    @Test func `other rules have everything made anew, without a gap`() async throws {
        let store = try ContextStore.make()
        let id = try await store.user().makeConversation()
        _ = try await store.user().append([.make("one"), .make("two")], to: id)
        try await store.index()
        try await store.database.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE memory_progress SET version = version - 1")
            try db.execute(sql: "UPDATE memory_messages SET terms = 'old ' || terms")
        }
        #expect(try await store.memoryProgress().behind == 2)
        #expect(try await store.indexed("one") == ["one"])
        try await store.index()
        #expect(try await store.indexed("old") == [])
        #expect(try await counts(store) == [Counts(messages: 2, words: 2)])
        #expect(try await store.memoryProgress().behind == 0)
        try await store.checkIndex()
    }

    @Test func `tools and empty messages are not found, and hold nothing up`() async throws {
        let store = try ContextStore.make()
        let id = try await store.user().makeConversation()
        var call = NewItem.make("{\"city\":\"Oslo\"}", role: .assistant)
        call.kind = .functionCall
        _ = try await store.user().append([call, .make(""), .make("Oslo, please")], to: id)
        try await store.index()
        #expect(try await store.indexed("oslo") == ["Oslo, please"])
    }

    @Test func `the indexer follows what is stored`() async throws {
        let store = try ContextStore.make()
        let id = try await store.user().makeConversation()
        let indexer = MemoryIndexer(store: store, logger: .silent)
        await indexer.start()
        _ = try await store.user().append(.make("hello"), to: id)
        #expect(try await indexer.catchUp())
        #expect(try await store.indexed("hello") == ["hello"])
        await indexer.stop()
    }

    @Test func `what another user changed is not waited for`() async throws {
        let store = try ContextStore.make()
        let (ann, bob) = (store.user(named: "ann"), store.user(named: "bob"))
        _ = try await ann.append(.make("hello"), to: ann.makeConversation())
        let id = try await bob.makeConversation()
        _ = try await bob.append(.make("one", id: "a", status: .inProgress), to: id)
        try await store.index()
        _ = try await bob.append(.make("one two", id: "a"), to: id)
        #expect(try await ann.recollection() != nil)
        #expect(try await bob.recollection() == nil)
    }

    @Test func `a pass that takes too long is not waited for`() async throws {
        let store = try ContextStore.make(at: TemporaryDirectory().file())
        let id = try await store.user().makeConversation()
        _ = try await store.user().append(.make("hello"), to: id)
        let gate = DispatchGate()
        store.database.asyncWriteWithoutTransaction { _ in gate.wait() }
        let indexer = MemoryIndexer(store: store, logger: .silent)
        #expect(try await !indexer.catchUp(within: .seconds(1)))
        gate.open()
        #expect(try await indexer.catchUp())
        #expect(try await store.indexed("hello") == ["hello"])
        try await store.close()
    }

    @Test func `a batch ends where its texts are enough`() async throws {
        let store = try ContextStore.make()
        let id = try await store.user().makeConversation()
        let long = String(repeating: "x", count: 700_000)
        _ = try await store.user().append([.make(long), .make(long), .make("y")], to: id)
        let first = try await store.database.read { try PendingItem.next(after: 0, $0) }
        #expect(first.count == 1)
    }
}
