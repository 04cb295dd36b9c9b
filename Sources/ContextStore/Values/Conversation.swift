public import JSON

/// The ordered items that are kept of what a user and a model said; outlives sessions.
public struct Conversation: Sendable, Equatable {
    /// Its id.
    public let id: ConversationID
    /// What people call it.
    public var title: String?
    /// The agent that it is held with; nil also when that agent was deleted.
    public var agentID: AgentID?
    /// When it was made.
    public let createdAt: Timestamp
    /// When it or its items last changed.
    public var updatedAt: Timestamp
    /// How many items it has.
    public var messageCount: Int
    /// The latest time of an item; nil while there is none.
    public var lastMessageAt: Timestamp?
    /// Whatever the caller attached.
    public var metadata: JSONObject
}

/// What people know a conversation by.
public struct ConversationName: Sendable, Equatable {
    /// What they call it.
    public let title: String?
    /// The first words that the user said in it, or else the first of anyone; nil while there are
    /// none.
    public let preview: String?
}

/// What a caller gives to make a ``Conversation``.
public struct NewConversation: Sendable, Equatable {
    /// Its id, for imports; nil makes one.
    public var id: ConversationID?
    /// What people call it.
    public var title: String?
    /// The agent that it is held with.
    public var agentID: AgentID?
    /// When it began, for imports; nil means now.
    public var createdAt: Timestamp?
    /// Whatever the caller wants to attach.
    public var metadata: JSONObject

    /// A conversation to be made, empty unless told otherwise.
    public init(
        id: ConversationID? = nil,
        title: String? = nil,
        agentID: AgentID? = nil,
        createdAt: Timestamp? = nil,
        metadata: JSONObject = [:]
    ) {
        self.id = id
        self.title = title
        self.agentID = agentID
        self.createdAt = createdAt
        self.metadata = metadata
    }
}

/// What to do with one field of an object: absent, null and a value are three wishes.
public enum FieldUpdate<Value: Sendable>: Sendable {
    /// Leave it as it is (absent).
    case keep
    /// Empty it (null).
    case clear
    /// Give it a value.
    case set(Value)

    /// The field's new value, from its old one.
    public func applied(to old: Value?) -> Value? {
        switch self {
        case .keep: old
        case .clear: nil
        case .set(let value): value
        }
    }
}

/// The changes of a ``Conversation`` that a caller wants.
public struct ConversationUpdate: Sendable {
    /// The title.
    public var title: FieldUpdate<String>
    /// The agent.
    public var agentID: FieldUpdate<AgentID>
    /// Replaces all metadata; clearing makes it empty.
    public var metadata: FieldUpdate<JSONObject>

    /// An update that keeps every field not named.
    public init(
        title: FieldUpdate<String> = .keep,
        agentID: FieldUpdate<AgentID> = .keep,
        metadata: FieldUpdate<JSONObject> = .keep
    ) {
        self.title = title
        self.agentID = agentID
        self.metadata = metadata
    }
}

extension Conversation {
    /// The columns that ``init(_:)`` reads, in its order.
    ///
    /// The agent's number is no foreign key: an agent may go, and then reads as nil.
    static let columns = """
        c.id, c.title, a.id, c.created_at, c.updated_at, c.message_count, c.last_message_at,
        c.metadata
        """
    /// What ``columns`` are read from.
    static let source = "conversations c LEFT JOIN agents a ON a.pk = c.agent_pk"

    init(_ row: inout RowReader) throws {
        id = ConversationID(stored: row.text())
        title = row.optionalText()
        agentID = row.optionalText().map(AgentID.init(stored:))
        createdAt = row.timestamp()
        updatedAt = row.timestamp()
        messageCount = Int(row.integer())
        lastMessageAt = row.optionalTimestamp()
        metadata = try row.object()
    }
}
