import ContextStore
import JSON
import Testing

@testable import SessionBroker

@Suite struct HistoryTransferTests {
    private let store: ContextStore
    private let user: UserID

    init() throws {
        store = try ContextStore(path: ":memory:")
        user = try #require(UserID("ann"))
    }

    @discardableResult
    private func load(
        _ text: String,
        into other: ContextStore? = nil,
        of conversation: ConversationID? = nil
    ) async throws -> HistoryImporter.Report {
        var importer = HistoryImporter(
            store: other ?? store,
            user: user,
            conversation: conversation
        )
        for line in text.split(separator: "\n") { try await importer.add(Array(line.utf8)) }
        return try await importer.finish()
    }

    private func exported() async throws -> String {
        var text = ""
        try await HistoryExporter(store: store, format: .jsonl)
            .export(user: nil, conversation: nil) { text += $0 }
        return text
    }

    private func contents(_ store: ContextStore) async throws -> [String] {
        var contents: [String] = []
        for try await page in store.user(user).allConversations() {
            for conversation in page {
                for try await items in store.user(user).allItems(of: conversation.id) {
                    contents += items.map(\.content)
                }
            }
        }
        return contents
    }

    private func line(_ content: String, _ more: String = "") -> String {
        "{\"role\":\"user\",\"content\":\"\(content)\",\"conversation_id\":\"chat\"\(more)}\n"
    }

    @Test func `a second file adds to the first, and the same again changes nothing`() async throws
    {
        let first = line("one") + line("two") + line("one")
        let second = line("three") + line("four")
        #expect(try await load(first).messages == 3)
        #expect(try await load(second).messages == 2)
        #expect(try await load(first).messages == 0)
        #expect(try await load(second).messages == 0)
        #expect(try await contents(store) == ["one", "two", "one", "three", "four"])
    }

    @Test func `a name that is nobody's is an error of its line`() async throws {
        let error = await #expect(throws: HistoryImporter.LineError.self) {
            try await load(line("mine") + line("whose?", ",\"user_id\":\"\""))
        }
        #expect(error?.description.hasPrefix("line 2: ") == true)
    }

    /// A store with a conversation of an agent, of messages of all kinds.
    private func fill() async throws -> ConversationID {
        let ann = store.user(user)
        let agent = try await ann.createAgent(AgentSettings(name: "Host")).id
        let id = try await ann.createConversation(NewConversation(agentID: agent)).id
        let long = String(repeating: "x", count: 20_000)
        let parts: JSONValue = [["type": "text", "text": .string(long)]]
        var spoken = NewItem(role: .user, content: long, metadata: ["parts": parts])
        spoken.createdAt = Timestamp(milliseconds: 1_700_000_000_123)
        _ = try await ann.append([spoken, NewItem(role: .assistant, content: "Yes.")], to: id)
        return id
    }

    @Test func `an export comes back as it was`() async throws {
        let id = try await fill()
        let other = try ContextStore(path: ":memory:")
        #expect(try await load(exported(), into: other).messages == 2)
        let items = try await other.user(user).items(of: id).elements
        let before = try await store.user(user).items(of: id).elements
        #expect(items.map(\.content) == before.map(\.content))
        #expect(items.map(\.metadata) == before.map(\.metadata))
        #expect(items.map(\.createdAt) == before.map(\.createdAt))
        // Its agent is not there.
        #expect(try await other.user(user).conversation(id).agentID == nil)
    }

    @Test func `an export goes into one conversation`() async throws {
        _ = try await fill()
        let other = try ContextStore(path: ":memory:")
        let target = try await other.user(user).createConversation(NewConversation()).id
        #expect(try await load(exported(), into: other, of: target).messages == 2)
        #expect(try await other.user(user).items(of: target).elements.count == 2)
    }

    @Test func `what was deleted here is passed over, and the rest is stored`() async throws {
        let text = line("one", ",\"item_id\":\"a\"") + line("two", ",\"item_id\":\"b\"")
        try await load(text)
        let ann = store.user(user)
        let id = try #require(try await ann.conversations().elements.first?.id)
        try await ann.deleteItem(upstreamID: "a", in: id)
        let report = try await load(text + line("three"))
        #expect(report.messages == 1 && report.skipped == 1)
        #expect(try await contents(store) == ["two", "three"])
    }
}
