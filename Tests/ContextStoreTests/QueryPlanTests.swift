import GRDB
import JSON
import Synchronization
import Testing

@testable import ContextStore

/// No statement may grow slower with what is stored: each finds its rows by an index.
@Suite struct QueryPlanTests {
    private final class Statements: Sendable {
        private let seen = Mutex<Set<String>>([])
        var all: [String] { seen.withLock { $0.sorted() } }
        func add(_ sql: String) { seen.withLock { _ = $0.insert(sql) } }
    }

    /// Uses everything that the store offers at least once.
    private func useEverything(_ store: ContextStore) async throws {
        let ann = store.user(named: "ann")
        let agent = try await ann.createAgent(AgentSettings(name: "Host")).id
        _ = try await ann.updateAgent(agent) { $0.name = "Guide" }
        let session = try await ann.createSession(.make(agent: agent, secretHash: [1]))
        let id = session.conversationID
        try await ann.markSessionActive(session.id)
        for name in ["d", "b", "a", "c", "b", "x"] {
            let places: [String: ItemPlacement] = [
                "a": .first, "b": .after("a"), "c": .after("b"), "d": .after("c"),
            ]
            let place = places[name] ?? .unspecified
            _ = try await ann.append(.make(name, id: name, after: place, in: session.id), to: id)
        }
        _ = try await ann.append(.make("x", id: "x", after: .after("a")), to: id)
        let crowd = (0..<30).map { NewItem.make("y", id: "y\($0)", after: .after("b")) }
        let item = try await ann.append(crowd, to: id)[0].item
        _ = try await ann.storeSummary(.make(of: session.id, revision: revision(ann, id)), of: id)
        try await readEverything(store, ann, session, item.id)
        try await ann.deleteItem(item.id)
        _ = try await ann.append(.make("z", id: "z", after: .after("y0")), to: id)
        try await ann.endSession(session.id, reason: "hangup")
        let record = IdempotencyRecord<Conversation>(key: "k", fingerprint: []) { _ in [] }
        _ = try await ann.createConversation(NewConversation(), once: record)
        let update = ConversationUpdate(title: .set("Plans"))
        _ = try await ann.updateConversation(id, update)
        try await ann.deleteConversation(id)
        try await ann.deleteAgent(agent)
        try await ann.deleteEverything()
        try await StoreOperator(store).purge()
        try await store.probe()
    }

    private func revision(_ user: UserStore, _ id: ConversationID) async throws -> Int64 {
        try await user.segment(of: id, session: nil, .first, limit: 1).revision
    }

    private func readEverything(
        _ store: ContextStore,
        _ user: UserStore,
        _ session: Session,
        _ item: ItemID
    ) async throws {
        let id = session.conversationID
        _ = try await user.conversation(id)
        _ = try await user.conversations(PageRequest(after: id))
        _ = try await user.conversations(PageRequest(before: id))
        _ = try await user.item(item)
        _ = try await user.items(of: id, PageRequest(after: item))
        _ = try await user.items(of: id, PageRequest(before: item))
        _ = try await user.contents(of: id)
        _ = try await user.segment(of: id, session: session.id, .last, limit: 1)
        _ = try await user.latestItems(of: id, limit: 5, excluding: session.id)
        _ = try await user.latestItems(limit: 5)
        _ = try await user.session(session.id)
        _ = try await user.sessions(PageRequest(after: session.id))
        _ = try await user.sessions(of: id, PageRequest(before: session.id))
        _ = try await store.session(secretHash: [1])
        _ = try await user.agents()
        let summary = try await user.summaries(of: id).elements[0]
        _ = try await user.summaries(of: id, PageRequest(after: summary.id))
        _ = try await user.latestSummaries(limit: 5)
        _ = try await user.latestSummaries(of: id, limit: 5)
        _ = try await StoreOperator(store).users()
        _ = try await StoreOperator(store).users(after: user.user)
        _ = try await StoreOperator(store).unsummarizedSegments()
        _ = try await StoreOperator(store).unsummarizedSegments(after: session.id)
    }

    @Test func `every statement finds its rows by an index`() async throws {
        let store = try ContextStore.make()
        let statements = Statements()
        try await store.database.writeWithoutTransaction { db in
            db.trace { statements.add("\($0)") }
        }
        try await useEverything(store)
        try await store.database.writeWithoutTransaction { db in db.trace(options: []) }

        let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE"]
        let queries = statements.all.filter { sql in verbs.contains { sql.hasPrefix($0) } }
        #expect(queries.count > 50)
        try await store.database.read { db in
            for query in queries {
                let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + query)
                statement.setUncheckedArguments(StatementArguments())
                for row in try Row.fetchAll(statement) {
                    let step: String = row["detail"]
                    let isWalk =
                        !query.contains("LIMIT")
                        && step.hasSuffix("USING INDEX items_by_position (conversation_pk=?)")
                    let isSlow = step.hasPrefix("SCAN") || step.contains("TEMP B-TREE") || isWalk
                    // Walking an index that holds only what is deleted is the point of it.
                    let isFine = step.contains("conversations_deleted") || step.contains("CONSTANT")
                    #expect(!isSlow || isFine, "\(step): \(query)")
                }
            }
        }
    }
}
