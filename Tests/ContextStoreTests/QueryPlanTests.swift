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
        try await ann.recordUsage(.make(in: session, "resp_1"))
        for name in ["d", "b", "a", "c", "b", "x"] {
            let places: [String: ItemPlacement] = [
                "a": .first, "b": .after("a"), "c": .after("b"), "d": .after("c"),
            ]
            let place = places[name] ?? .unspecified
            let item = NewItem.make("I am \(name)", id: name, after: place, in: session.id)
            _ = try await ann.append(item, to: id)
        }
        _ = try await ann.append(.make("x", id: "x", after: .after("a")), to: id)
        let crowd = (0..<30).map { NewItem.make("y", id: "y\($0)", after: .after("b")) }
        let item = try await ann.append(crowd, to: id)[0].item
        try await store.index()
        let keeper = SummaryKeeper(store: store, logger: .silent)
        try await keeper.catchUp()
        _ = try await keeper.summarize(id, of: ann)
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
        _ = try await user.names(of: [id])
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
        let summary = try #require(try await user.summaries(of: id).elements.first)
        _ = try await user.summaries(of: id, PageRequest(after: summary.id))
        _ = try await user.recollection(turns: 5)
        _ = try await user.recollection(turns: 5, evenIfBehind: true)
        _ = try await user.recollection(of: id, turns: 5, evenIfBehind: true)
        _ = try await user.facts()
        for grouping in UsageGrouping.allCases {
            for only in [nil, id] {
                let from = session.createdAt
                _ = try await user.usage(of: only, from: from, to: .now(), groupBy: grouping)
            }
        }
        let now = Timestamp.now()
        for query in [
            RecallQuery(phrasings: ["kettle or car, today"], now: now),
            RecallQuery(phrasings: ["kettle"], conversation: id, from: now, to: now, now: now),
        ] { _ = try await user.recall(query) }
        for try await _ in StoreOperator(store).allUsers() {}
        for try await _ in user.allConversations() {}
    }

    /// Walks that are meant: of what is to be worked off, and of subqueries that have a limit.
    private static func isBounded(_ step: String, of query: String) -> Bool {
        // The last one is FTS5's own: a handful of rows, read when the schema has changed.
        let worklists = [
            "conversations_deleted", "summaries_outdated", "memory_changes", "message_fts_config",
        ]
        let isLimited = step.contains("(subquery-") || step == "SCAN r"
        // Usage is summed up over a span that the caller gives, which an index finds.
        if query.contains("FROM usage"), step.contains("TEMP B-TREE") { return true }
        // A list that the caller gives has a bound of its own.
        if step.contains("VIRTUAL TABLE"), query.contains("json_each(?)") {
            return !step.contains("message_fts")
        }
        // SQLite calls every use of a virtual table a scan; "M" says that the full-text index
        // looks words up.
        if step.contains("message_fts VIRTUAL TABLE INDEX"), step.contains(":M") {
            return query.contains("LIMIT")
        }
        return worklists.contains { step.contains($0) } || isLimited && query.contains("LIMIT")
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
                        && (step.hasSuffix("USING INDEX items_by_position (conversation_pk=?)")
                            || step.hasSuffix("memory_messages_by_time (user_pk=?)"))
                    let isSlow = step.hasPrefix("SCAN") || step.contains("TEMP B-TREE") || isWalk
                    let isFine = Self.isBounded(step, of: query) || step.contains("CONSTANT")
                    #expect(!isSlow || isFine, "\(step): \(query)")
                }
            }
        }
    }
}
