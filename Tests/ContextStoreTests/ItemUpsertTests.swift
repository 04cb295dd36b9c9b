import JSON
import Testing

@testable import ContextStore

@Suite struct ItemUpsertTests {
    private let store: ContextStore
    private let ann: UserStore

    init() throws {
        store = try ContextStore.make()
        ann = store.user(named: "ann")
    }

    /// One rule: what is stored, what is reported, and what is then stored.
    struct Rule: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let stored: (status: Item.Status, content: String, metadata: JSONObject)
        let report: (status: Item.Status, content: String, metadata: JSONObject)
        let result: (status: Item.Status, content: String, metadata: JSONObject)
    }

    static let rules = [
        Rule(
            testDescription: "a finished report replaces what is in progress",
            stored: (.inProgress, "He", [:]),
            report: (.completed, "Hello", [:]),
            result: (.completed, "Hello", [:])
        ),
        Rule(
            testDescription: "an old report does not take a finished item back",
            stored: (.completed, "Hello", [:]),
            report: (.inProgress, "He", [:]),
            result: (.completed, "Hello", [:])
        ),
        Rule(
            testDescription: "an old report may still bring the text that is missing",
            stored: (.incomplete, "", [:]),
            report: (.inProgress, "He", [:]),
            result: (.incomplete, "He", [:])
        ),
        Rule(
            testDescription: "an old report only adds what metadata lacks",
            stored: (.completed, "Hello", ["a": 1]),
            report: (.inProgress, "", ["a": 2, "b": 3]),
            result: (.completed, "Hello", ["a": 1, "b": 3])
        ),
        Rule(
            testDescription: "empty text never erases text",
            stored: (.inProgress, "Hello", [:]),
            report: (.completed, "", [:]),
            result: (.completed, "Hello", [:])
        ),
        Rule(
            testDescription: "metadata merges one level deep",
            stored: (.completed, "x", ["a": ["x": 1], "b": 1]),
            report: (.completed, "x", ["a": ["y": 2], "c": 3]),
            result: (.completed, "x", ["a": ["y": 2], "b": 1, "c": 3])
        ),
        Rule(
            testDescription: "an interruption cuts a finished item",
            stored: (.completed, "Hello there", [:]),
            report: (.incomplete, "Hello", ["audio_end_ms": 300]),
            result: (.incomplete, "Hello", ["audio_end_ms": 300])
        ),
    ]

    @Test(arguments: rules)
    func `a known item learns from a report`(rule: Rule) async throws {
        let conversation = try await ann.makeConversation()
        let old = NewItem.make(
            rule.stored.content,
            id: "item_1",
            status: rule.stored.status,
            metadata: rule.stored.metadata
        )
        let new = NewItem.make(
            rule.report.content,
            id: "item_1",
            status: rule.report.status,
            metadata: rule.report.metadata
        )
        let first = try await ann.append(old, to: conversation)
        let second = try await ann.append(new, to: conversation)
        #expect(first.wasCreated)
        #expect(!second.wasCreated)
        #expect(second.item.id == first.item.id)
        #expect(second.item.status == rule.result.status)
        #expect(second.item.content == rule.result.content)
        #expect(second.item.metadata == rule.result.metadata)
        #expect(try await ann.item(first.item.id) == second.item)
        #expect(try await ann.conversation(conversation).messageCount == 1)
    }

    @Test func `another role or kind is a conflict and changes nothing`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("x", id: "item_1"), to: id)
        let mismatch = ContextStoreError.conflict(
            code: "item_mismatch",
            message: "This item is stored with another type or role."
        )
        await #expect(throws: mismatch) {
            try await ann.append([.make("y", id: "item_1", role: .assistant)], to: id)
        }
        let call = NewItem(upstreamID: "item_1", kind: .functionCall, role: .user, content: "y")
        await #expect(throws: mismatch) { try await ann.append([call], to: id) }
        #expect(try await ann.contents(of: id) == ["x"])
    }

    @Test func `the session is filled in once`() async throws {
        let one = try await ann.makeSession()
        let two = try await ann.makeSession(in: one.conversationID)
        let id = one.conversationID
        _ = try await ann.append(.make("x", id: "item_1"), to: id)
        let filled = try await ann.append(.make("x", id: "item_1", in: one.id), to: id)
        #expect(filled.item.sessionID == one.id)
        let kept = try await ann.append(.make("x", id: "item_1", in: two.id), to: id)
        #expect(kept.item.sessionID == one.id)
        #expect(try await ann.item(kept.item.id).sessionID == one.id)
    }

    @Test func `a session of another conversation is not found`() async throws {
        let session = try await ann.makeSession()
        let id = try await ann.makeConversation()
        await #expect(throws: ContextStoreError.notFound(.session)) {
            try await ann.append([.make("x", in: session.id)], to: id)
        }
    }

    @Test func `the same upstream id in another conversation is another item`() async throws {
        let one = try await ann.makeConversation()
        let two = try await ann.makeConversation()
        let first = try await ann.append(.make("x", id: "item_1"), to: one)
        let second = try await ann.append(.make("y", id: "item_1"), to: two)
        #expect(second.wasCreated)
        #expect(first.item.id != second.item.id)
    }

    @Test func `a deleted item does not come back`() async throws {
        let id = try await ann.makeConversation()
        let item = try await ann.append(.make("secret", id: "item_1"), to: id).item
        try await ann.deleteItem(item.id)
        await #expect(throws: ContextStoreError.notFound(.item)) { try await ann.item(item.id) }
        let error = await #expect(throws: ContextStoreError.self) {
            try await ann.append([.make("secret", id: "item_1")], to: id)
        }
        guard case .conflict("item_deleted", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await ann.contents(of: id) == [])
    }

    @Test func `many items are stored all or none`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("x", id: "item_1"), to: id)
        await #expect(throws: ContextStoreError.self) {
            try await ann.append(
                [.make("new"), .make("newer"), .make("y", id: "item_1", role: .system)],
                to: id
            )
        }
        #expect(try await ann.contents(of: id) == ["x"])
        #expect(try await ann.conversation(id).messageCount == 1)
        let stored = try await ann.append((0..<200).map { .make("\($0)") }, to: id)
        #expect(stored.count == 200)
        #expect(try await ann.contents(of: id) == ["x"] + (0..<200).map(String.init))
    }

    @Test func `ten million characters are kept`() async throws {
        let id = try await ann.makeConversation()
        let text = String(repeating: "0123456789", count: 1_000_000)
        let item = try await ann.append(.make(text), to: id).item
        #expect(try await ann.item(item.id).content == text)
    }

    @Test func `text is kept to the byte`() async throws {
        let id = try await ann.makeConversation()
        let text = "a\u{1}b 'quoted' \"x\" \u{1F600} e\u{301} \r\n ; DROP TABLE items"
        let item = try await ann.append(.make(text, metadata: ["k\u{1}": "\u{7F}"]), to: id).item
        let read = try await ann.item(item.id)
        #expect(Array(read.content.utf8) == Array(text.utf8))
        #expect(read == item)
    }

    @Test func `a zero byte, at which SQLite would end the text, is replaced`() async throws {
        let id = try await ann.makeConversation()
        let item = try await ann.append(.make("before\u{0}after"), to: id).item
        #expect(item.content == "before\u{FFFD}after")
        #expect(try await ann.item(item.id) == item)
    }
}
