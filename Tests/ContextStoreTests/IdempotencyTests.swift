import Testing

@testable import ContextStore

@Suite struct IdempotencyTests {
    private let clock = TestClock()
    private let store: ContextStore
    private let ann: UserStore

    init() throws {
        store = try ContextStore.make(clock: clock)
        ann = store.user(named: "ann")
    }

    private func record(
        _ key: String = "k",
        _ fingerprint: [UInt8] = [1]
    ) -> IdempotencyRecord<Conversation> {
        IdempotencyRecord(key: key, fingerprint: fingerprint) { Array($0.id.text.utf8) }
    }

    private let reused = ContextStoreError.conflict(
        code: "idempotency_key_reused",
        message: "This idempotency key was used with another request."
    )

    @Test func `a key has its effect once and its answer every time`() async throws {
        let first = try await ann.createConversation(NewConversation(), once: record())
        let second = try await ann.createConversation(NewConversation(), once: record())
        #expect(first.answer == first.value.map { Array($0.id.text.utf8) })
        #expect(second.answer == first.answer)
        #expect(second.value == nil)
        #expect(try await ann.conversations().elements.count == 1)
        let remembered = try await ann.rememberedAnswer(key: "k", fingerprint: [1])
        #expect(remembered == first.answer)
        #expect(try await ann.rememberedAnswer(key: "other", fingerprint: [1]) == nil)
    }

    @Test func `concurrent requests with one key have one effect`() async throws {
        let answers = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await ann.createConversation(NewConversation(), once: record()).answer
                }
            }
            return try await group.reduce(into: Set<[UInt8]?>()) { $0.insert($1) }
        }
        #expect(answers.count == 1 && !answers.contains(nil))
        #expect(try await ann.conversations().elements.count == 1)
    }

    @Test func `a key with another request is a conflict without effect`() async throws {
        _ = try await ann.createConversation(NewConversation(), once: record())
        await #expect(throws: reused) {
            try await ann.createConversation(NewConversation(), once: record("k", [2]))
        }
        await #expect(throws: reused) {
            try await ann.rememberedAnswer(key: "k", fingerprint: [2])
        }
        #expect(try await ann.conversations().elements.count == 1)
    }

    @Test func `keys of different users are different keys`() async throws {
        let bob = store.user(named: "bob")
        let first = try await ann.createConversation(NewConversation(), once: record())
        let second = try await bob.createConversation(NewConversation(), once: record("k", [2]))
        #expect(second.value != nil)
        #expect(second.answer != first.answer)
    }

    @Test func `every creation can be asked for once`() async throws {
        for _ in 0..<2 {
            let agent = try await ann.createAgent(
                AgentSettings(name: "Host"),
                once: IdempotencyRecord(key: "agent", fingerprint: []) { _ in [1] }
            )
            let session = try await ann.createSession(
                .make(),
                once: IdempotencyRecord(key: "session", fingerprint: []) { _ in [2] }
            )
            #expect([agent.answer, session.answer] == [[1], [2]])
        }
        let id = try #require(try await ann.conversations().elements.first?.id)
        for _ in 0..<2 {
            let items = try await ann.append(
                [.make("one"), .make("two")],
                to: id,
                once: IdempotencyRecord(key: "items", fingerprint: []) { [UInt8($0.count)] }
            )
            #expect(items.answer == [2])
        }
        #expect(try await ann.agents().elements.count == 1)
        #expect(try await ann.sessions().elements.count == 1)
        #expect(try await ann.contents(of: id) == ["one", "two"])
    }

    @Test func `a request that fails leaves its key free`() async throws {
        let missing = IdentifierGenerator().make(ConversationID.self)
        let items = IdempotencyRecord<[StoredItem]>(key: "k", fingerprint: [1]) { _ in [] }
        await #expect(throws: ContextStoreError.notFound(.conversation)) {
            try await ann.append([.make("x")], to: missing, once: items)
        }
        #expect(try await ann.rememberedAnswer(key: "k", fingerprint: [1]) == nil)
        let failing = IdempotencyRecord<Conversation>(key: "k", fingerprint: [1]) { _ in
            throw ContextStoreError.invalidCursor
        }
        await #expect(throws: ContextStoreError.invalidCursor) {
            try await ann.createConversation(NewConversation(), once: failing)
        }
        #expect(try await ann.conversations().elements == [])
        let retried = try await ann.createConversation(NewConversation(), once: record())
        #expect(retried.value != nil)
    }

    @Test func `a key is forgotten after 24 hours, and expired ones do not pile up`() async throws {
        for number in 0..<10 {
            _ = try await ann.createConversation(NewConversation(), once: record("\(number)"))
        }
        clock.advance(.seconds(24 * 60 * 60 - 1))
        #expect(try await ann.rememberedAnswer(key: "3", fingerprint: [1]) != nil)
        clock.advance(.seconds(1))
        #expect(try await ann.rememberedAnswer(key: "3", fingerprint: [1]) == nil)
        let again = try await ann.createConversation(NewConversation(), once: record("3", [2]))
        #expect(again.value != nil)
        for number in 20..<30 {
            _ = try await ann.createConversation(NewConversation(), once: record("\(number)"))
        }
        #expect(try await store.count("idempotency_keys") == 11)
    }

    @Test func `an answer survives a restart`() async throws {
        let directory = try TemporaryDirectory()
        let before = try ContextStore.make(at: directory.file(), clock: clock)
        let first = try await before.user(named: "ann")
            .createConversation(NewConversation(), once: record())
        try await before.close()
        let after = try ContextStore.make(at: directory.file(), clock: clock)
        let second = try await after.user(named: "ann")
            .createConversation(NewConversation(), once: record())
        #expect(second.answer == first.answer)
        #expect(second.value == nil)
        try await after.close()
    }

    @Test func `expired keys go when the store is opened`() async throws {
        let directory = try TemporaryDirectory()
        let before = try ContextStore.make(at: directory.file(), clock: clock)
        for number in 0..<120 {
            _ = try await before.user(named: "ann")
                .createConversation(NewConversation(), once: record("\(number)"))
        }
        try await before.close()
        clock.advance(.seconds(24 * 60 * 60))
        let after = try ContextStore.make(at: directory.file(), clock: clock)
        try await StoreOperator(after).purge()
        #expect(try await after.count("idempotency_keys") == 0)
        try await after.close()
    }
}
