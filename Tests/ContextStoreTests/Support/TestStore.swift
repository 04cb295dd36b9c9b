import Foundation
import GRDB
import JSON
import Synchronization

@testable import ContextStore

/// A directory that goes with the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "context-store-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String = "store.sqlite") -> String { path + "/" + name }
}

/// A clock that moves only when told to.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ milliseconds: Int64 = 1_700_000_000_000) {
        self.milliseconds = Mutex(milliseconds)
    }

    var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

    func advance(_ span: Duration) {
        milliseconds.withLock { $0 += span.components.seconds * 1000 }
    }
}

/// A source of random numbers that gives the same ones every time (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension ContextStore {
    /// A store in memory, unless a path is given.
    static func make(
        at path: String = ":memory:",
        clock: TestClock = TestClock(),
        _ change: (inout Configuration) -> Void = { _ in }
    ) throws -> ContextStore {
        var configuration = Configuration()
        configuration.now = { clock.now }
        change(&configuration)
        return try ContextStore(path: path, configuration: configuration)
    }

    /// The user `ann`, or another.
    func user(named name: String = "ann") -> UserStore {
        user(UserID(stored: name))
    }

    /// How many rows a table has.
    func count(_ table: String) async throws -> Int {
        try await database.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? -1
        }
    }
}

extension UserStore {
    /// A conversation with nothing in it.
    func makeConversation() async throws -> ConversationID {
        try await createConversation(NewConversation()).id
    }

    func makeSession(in conversation: ConversationID? = nil) async throws -> Session {
        try await createSession(.make(in: conversation))
    }

    /// Stores one item.
    func append(_ item: NewItem, to conversation: ConversationID) async throws -> StoredItem {
        let stored = try await append([item], to: conversation)
        guard let first = stored.first else { throw ContextStoreError.notFound(.item) }
        return first
    }

    /// What a conversation says, in order.
    func contents(of conversation: ConversationID) async throws -> [String] {
        var contents: [String] = []
        for try await page in allItems(of: conversation) { contents += page.map(\.content) }
        return contents
    }
}

extension NewItem {
    /// A user's message.
    static func make(
        _ content: String,
        id: String? = nil,
        after placement: ItemPlacement = .unspecified,
        in session: SessionID? = nil,
        role: Item.Role = .user,
        status: Item.Status = .completed,
        metadata: JSONObject = [:]
    ) -> NewItem {
        NewItem(
            sessionID: session,
            upstreamID: id,
            role: role,
            content: content,
            status: status,
            placement: placement,
            metadata: metadata
        )
    }
}

extension NewSession {
    static func make(
        in conversation: ConversationID? = nil,
        agent: AgentID? = nil,
        secretHash: [UInt8]? = nil
    ) -> NewSession {
        NewSession(
            conversationID: conversation,
            agentID: agent,
            model: "gpt-realtime",
            secretHash: secretHash,
            secretExpiresAt: Timestamp(milliseconds: 1_700_000_600_000),
            maximumDurationSeconds: 3_600
        )
    }
}

extension NewSummary {
    static func make(
        _ text: String = "short",
        of session: SessionID? = nil,
        saidAt: Int64 = 0,
        from: Int64 = 65_536,
        to: Int64 = 65_536,
        revision: Int64 = 0
    ) -> NewSummary {
        NewSummary(
            sessionID: session,
            text: text,
            saidAt: Timestamp(milliseconds: saidAt),
            fromPosition: from,
            toPosition: to,
            itemCount: 1,
            tokens: 2,
            version: 1,
            revision: revision
        )
    }
}

extension NewUsage {
    /// What something of a session consumed.
    static func make(
        in session: Session,
        _ id: String,
        source: Source = .response,
        model: String = "gpt-realtime-2.1",
        at milliseconds: Int64? = nil,
        cost: Int64? = nil
    ) -> NewUsage {
        NewUsage(
            sessionID: session.id,
            source: source,
            sourceID: id,
            model: model,
            createdAt: milliseconds.map(Timestamp.init(milliseconds:)),
            costNanodollars: cost
        )
    }
}
