import GRDB
import JSON
import Testing

@testable import ContextStore

@Suite struct MetadataTests {
    private let store: ContextStore
    private let ann: UserStore

    init() throws {
        store = try ContextStore.make()
        ann = store.user(named: "ann")
    }

    private func keys(_ prefix: String, _ count: Int) -> JSONObject {
        JSONObject(uniqueMembers: (0..<count).map { ("\(prefix)\($0)", 1) })
    }

    @Test func `reports of one item cannot make its metadata grow without end`() async throws {
        let id = try await ann.makeConversation()
        let first = try await ann.append(
            .make("hi", id: "a", metadata: keys("a", 1_200)),
            to: id
        )
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.append(.make("hi", id: "a", metadata: keys("b", 1_200)), to: id)
        }
        guard case .conflict("metadata_too_large", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await ann.item(first.item.id).metadata == keys("a", 1_200))
    }

    @Test func `the parts of a content are replaced, however long they are`() async throws {
        let id = try await ann.makeConversation()
        for letter in ["x", "y"] {
            let text = String(repeating: letter, count: 30_000)
            let parts: JSONObject = ["parts": [["type": "text", "text": .string(text)]]]
            let item = try await ann.append(.make(text, id: "a", metadata: parts), to: id).item
            #expect(item.metadata == parts)
        }
    }

    /// What an earlier version let grow.
    private func damage(_ item: ItemID, _ metadata: String) async throws {
        try await store.database.writeWithoutTransaction { db in
            try db.execute(
                sql: "UPDATE items SET metadata = ? WHERE id = ?",
                arguments: [metadata, item.text]
            )
        }
    }

    @Test func `an item with very many members can be read and deleted`() async throws {
        let id = try await ann.makeConversation()
        let item = try await ann.append(.make("hi"), to: id).item
        try await damage(item.id, keys("k", 6_000).stored)
        #expect(try await ann.item(item.id).metadata.members.count == 6_000)
        try await ann.deleteItem(item.id)
    }

    @Test func `a segment that cannot be read holds up no other's summaries`() async throws {
        let broken = try await ann.makeConversation()
        let whole = try await store.user(named: "bob").makeConversation()
        let item = try await ann.append(.make("I moved to Oslo."), to: broken).item
        _ = try await store.user(named: "bob").append(.make("I moved to Lyon."), to: whole)
        try await damage(item.id, "no object")
        try await SummaryKeeper(store: store, logger: .silent).catchUp()
        let summaries = try await store.user(named: "bob").summaries(of: whole).elements
        #expect(summaries.map(\.text) == ["I moved to Lyon."])
    }
}
