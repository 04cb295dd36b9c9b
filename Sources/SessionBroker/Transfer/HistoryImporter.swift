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
        /// Messages that contradict what is stored, or were deleted there; they were passed over.
        public fileprivate(set) var skipped = 0
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
    /// How often lines that name no id of their own came so far, by a hash of the line.
    private var occurrences: [UInt64: Int] = [:]

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
            // An export has the parts of a message a level deeper than the request that they came in.
            let depth = JSONValue.defaultMaximumDepth + 1
            let object = try JSONReader(of: JSONValue(parsing: line, maximumDepth: depth))
            try await add(object, line)
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

    private mutating func add(_ line: JSONReader, _ bytes: [UInt8]) async throws {
        var line = line
        let owner = try owner(of: &line)
        switch try line.string("object") ?? "message" {
        // All messages go to one that is there already.
        case "conversation" where target != nil: break
        case "conversation":
            guard let id = try line.string("id") else { throw line.missing("id") }
            try await open(
                NewConversation(
                    id: try conversation(named: id, of: owner),
                    title: try line.string("title"),
                    agentID: try line.string("agent_id").flatMap { AgentID($0) },
                    createdAt: try line.timestamp("created_at"),
                    metadata: try line.metadata("metadata")
                ),
                of: owner
            )
        case "message":
            let name = try line.string("conversation_id") ?? ""
            let id = try target ?? conversation(named: name, of: owner)
            if !known.contains(id) { try await open(NewConversation(id: id), of: owner) }
            try await add(line, bytes, to: id, of: owner)
        // What else an export of one user has.
        case "agent", "fact", "summary", "session", "broadcast", "broadcast.segment", "usage.group":
            break
        default:
            throw line.error(
                "invalid_value",
                "'object' must be a conversation or a message.",
                "object"
            )
        }
    }

    private func owner(of line: inout JSONReader) throws -> UserID {
        guard let name = try line.string("user_id") else { return user }
        guard let owner = UserID(name) else {
            throw LineError(description: "line \(lineNumber): 'user_id' is no user's name")
        }
        return owner
    }

    private mutating func add(
        _ line: JSONReader,
        _ bytes: [UInt8],
        to conversation: ConversationID,
        of owner: UserID
    ) async throws {
        var line = line
        let exportedID = try line.string("id")
        if let id = exportedID.flatMap({ ItemID($0) }), try await isStored(id, of: owner) { return }
        if let destination, destination != (owner, conversation) { try await flush() }
        destination = (owner, conversation)
        var item = try NewItem(imported: line)
        item.upstreamID = try item.upstreamID ?? exportedID ?? ownID(of: bytes)
        waitingBytes += item.content.utf8.count
        waiting.append(item)
        if waiting.count >= Self.batchSize || waitingBytes >= Self.batchBytes { try await flush() }
    }

    /// The id of a message whose line names none: the same for the same line, in whatever file, but
    /// another one for each time that it comes in one.
    private mutating func ownID(of line: [UInt8]) throws -> String {
        let digest = try SHA256.digest(of: line)
        let hash = digest.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        occurrences[hash, default: 0] += 1
        let number = occurrences[hash, default: 1]
        return "import_\(Base32Text.characters(of: digest.prefix(20)))_\(number)"
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
            try await create(new, of: owner)
        }
        known.insert(id)
    }

    /// Makes a conversation; without its agent where that is not in this store.
    private func create(_ new: NewConversation, of owner: UserID) async throws {
        do {
            _ = try await store.user(owner).createConversation(new)
        } catch ContextStoreError.notFound(.agent) {
            var plain = new
            plain.agentID = nil
            _ = try await store.user(owner).createConversation(plain)
        }
    }

    private mutating func flush() async throws {
        guard let destination, !waiting.isEmpty else { return }
        let batch = waiting
        waiting = []
        waitingBytes = 0
        do {
            try await store(batch, in: destination)
        } catch ContextStoreError.conflict {
            for item in batch { try await storeUnlessInConflict(item, in: destination) }
        }
    }

    private mutating func store(
        _ items: [NewItem],
        in destination: (user: UserID, conversation: ConversationID)
    ) async throws {
        let stored = try await store.user(destination.user)
            .append(items, to: destination.conversation)
        report.messages += stored.count { $0.wasCreated }
    }

    private mutating func storeUnlessInConflict(
        _ item: NewItem,
        in destination: (user: UserID, conversation: ConversationID)
    ) async throws {
        do {
            try await store([item], in: destination)
        } catch ContextStoreError.conflict {
            report.skipped += 1
        }
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
        // The parts of its content stand in the metadata, which has a bound without them.
        var metadata = object["metadata"]?.objectValue
        let parts = metadata?["parts"]
        metadata?["parts"] = nil
        if let metadata { object["metadata"] = .object(metadata) }
        try self.init(JSONReader(object))
        if let parts { self.metadata["parts"] = parts }
    }
}
