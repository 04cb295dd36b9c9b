public import ContextStore
internal import JSON

/// Stores conversations from JSON lines, in batches; the same lines again change nothing.
///
/// A line is a message or a conversation as an export writes it. Messages keep the order of their
/// lines and their own times.
public struct HistoryImporter {
    /// How much was stored.
    public struct Report: Sendable {
        /// Messages that were not there before.
        public fileprivate(set) var messages = 0
        /// Conversations that messages went to.
        public fileprivate(set) var conversations = 0
    }

    /// A line that cannot be stored.
    public struct LineError: Error, CustomStringConvertible {
        /// The line's number, from 1, and what is wrong.
        public let description: String
    }

    private static let batchSize = 500
    private static let batchBytes = 4 * 1_024 * 1_024

    private let store: ContextStore
    private let user: UserID
    private let target: ConversationID?
    private var lineNumber = 0
    private var known: Set<ConversationID> = []
    private var waiting: [NewItem] = []
    private var waitingBytes = 0
    private var destination: (user: UserID, conversation: ConversationID)?
    private var report = Report()

    /// An importer into a store.
    ///
    /// - Parameters:
    ///   - store: Where to.
    ///   - user: Whose the lines are that do not say so.
    ///   - conversation: The conversation that all messages go to; nil for the lines' own.
    public init(store: ContextStore, user: UserID, conversation: ConversationID?) {
        self.store = store
        self.user = user
        target = conversation
    }

    /// Takes the next line; empty ones are passed over.
    ///
    /// - Throws: ``LineError`` for a line that is wrong, `ContextStoreError` when storing fails.
    public mutating func add(_ line: [UInt8]) async throws {
        lineNumber += 1
        guard line.contains(where: { $0 > 0x20 }) else { return }
        do {
            let object = try JSONReader(of: JSONValue(parsing: line))
            try await add(object)
        } catch let error as JSONError {
            throw LineError(description: "line \(lineNumber): \(error.message)")
        }
    }

    /// Stores what waits.
    ///
    /// - Returns: What was stored altogether.
    /// - Throws: `ContextStoreError` when storing fails.
    public mutating func finish() async throws -> Report {
        try await flush()
        report.conversations = known.count
        return report
    }

    private mutating func add(_ line: JSONReader) async throws {
        var line = line
        let owner = try line.string("user_id").flatMap { UserID($0) } ?? user
        switch try line.string("object") ?? "message" {
        case "conversation":
            guard let id = try line.string("id") else { throw line.missing("id") }
            try await open(
                NewConversation(
                    id: try conversation(named: id, of: owner),
                    title: try line.string("title"),
                    createdAt: try line.timestamp("created_at"),
                    metadata: try line.metadata("metadata")
                ),
                of: owner
            )
        case "message":
            let name = try line.string("conversation_id") ?? ""
            let id = try target ?? conversation(named: name, of: owner)
            if !known.contains(id) { try await open(NewConversation(id: id), of: owner) }
            try await add(line, to: id, of: owner)
        default:
            throw line.error(
                "invalid_value",
                "'object' must be a conversation or a message.",
                "object"
            )
        }
    }

    private mutating func add(
        _ line: JSONReader,
        to conversation: ConversationID,
        of owner: UserID
    ) async throws {
        var line = line
        let exportedID = try line.string("id")
        if let id = exportedID.flatMap({ ItemID($0) }), try await isStored(id, of: owner) { return }
        if let destination, destination != (owner, conversation) { try await flush() }
        destination = (owner, conversation)
        var item = try NewItem(imported: line)
        item.upstreamID = item.upstreamID ?? exportedID ?? "import_\(lineNumber)"
        waitingBytes += item.content.utf8.count
        waiting.append(item)
        if waiting.count >= Self.batchSize || waitingBytes >= Self.batchBytes { try await flush() }
    }

    private func isStored(_ id: ItemID, of owner: UserID) async throws -> Bool {
        do {
            _ = try await store.user(owner).item(id)
            return true
        } catch ContextStoreError.notFound {
            return false
        }
    }

    /// Makes the conversation unless it is there already.
    private mutating func open(_ new: NewConversation, of owner: UserID) async throws {
        guard let id = new.id else { return }
        do {
            _ = try await store.user(owner).conversation(id)
        } catch ContextStoreError.notFound where target == nil {
            _ = try await store.user(owner).createConversation(new)
        }
        known.insert(id)
    }

    private mutating func flush() async throws {
        guard let destination, !waiting.isEmpty else { return }
        let stored = try await store.user(destination.user)
            .append(waiting, to: destination.conversation)
        report.messages += stored.count { $0.wasCreated }
        waiting = []
        waitingBytes = 0
    }

    /// The conversation of a name in the file: our own ids stay, others always give the same id.
    private func conversation(
        named name: String,
        of owner: UserID
    ) throws -> ConversationID {
        if let id = ConversationID(name) { return id }
        let digest = try SHA256.digest(of: Array("\(owner.text)\n\(name)".utf8))
        let body = "0" + Base32Text.characters(of: digest.prefix(25))
        guard let id = ConversationID(ConversationKind.object.prefix + body) else {
            throw LineError(description: "line \(lineNumber): the conversation has no usable name")
        }
        return id
    }
}

extension NewItem {
    /// Reads an exported message; its place and its session are not taken over.
    fileprivate init(imported line: JSONReader) throws(JSONError) {
        var object = line.object
        for key in ["object", "id", "conversation_id", "session_id", "position", "user_id"] {
            object[key] = nil
        }
        try self.init(JSONReader(object))
    }
}
