public import JSON

/// One entry of a conversation: a message, a function call or a function's output.
public struct Item: Sendable, Equatable {
    /// What an item is.
    public enum Kind: String, Sendable, CaseIterable {
        case message
        case functionCall = "function_call"
        case functionCallOutput = "function_call_output"
    }

    /// Who an item is from.
    public enum Role: String, Sendable, CaseIterable {
        case user
        case assistant
        case system
        case tool
    }

    /// How far an item has come.
    public enum Status: String, Sendable, CaseIterable {
        case inProgress = "in_progress"
        case completed
        case incomplete
    }

    /// Its id in this store.
    public let id: ItemID
    /// The conversation that it belongs to.
    public let conversationID: ConversationID
    /// The session that it was said in, if any.
    public var sessionID: SessionID?
    /// Its id upstream, unique in its conversation; the API calls it `item_id`.
    public let upstreamID: String?
    /// What it is.
    public let kind: Kind
    /// Who it is from.
    public let role: Role
    /// Its text, of any length.
    public var content: String
    /// How far it has come.
    public var status: Status
    /// Where it stands: items sort by it within their conversation.
    ///
    /// It may change when items are inserted nearby; the order of two items does not. Within
    /// ±2^53.
    public var position: Int64
    /// When it was said.
    public let createdAt: Timestamp
    /// Whatever the caller attached.
    public var metadata: JSONObject
}

/// Where a new item wants to stand in its conversation.
public enum ItemPlacement: Sendable, Equatable {
    /// Nothing is known: at the end.
    case unspecified
    /// It is the first of its session (or of the conversation, without a session).
    case first
    /// Directly behind the item with this upstream id, be that known already or not.
    case after(String)
}

/// What a caller gives to store an ``Item``, or to report more about one.
public struct NewItem: Sendable, Equatable {
    /// The session that it was said in; must be one of the same conversation.
    public var sessionID: SessionID?
    /// Its id upstream; storing the same again updates the one item.
    public var upstreamID: String?
    /// What it is.
    public var kind: Item.Kind
    /// Who it is from.
    public var role: Item.Role
    /// Its text; U+0000, at which SQLite ends a text, is stored as U+FFFD.
    public var content: String
    /// How far it has come.
    public var status: Item.Status
    /// Where it stands.
    public var placement: ItemPlacement
    /// When it was said, for imports; nil means now.
    public var createdAt: Timestamp?
    /// Whatever the caller wants to attach.
    public var metadata: JSONObject

    /// An item to be stored: by default a finished message at the end.
    public init(
        sessionID: SessionID? = nil,
        upstreamID: String? = nil,
        kind: Item.Kind = .message,
        role: Item.Role,
        content: String,
        status: Item.Status = .completed,
        placement: ItemPlacement = .unspecified,
        createdAt: Timestamp? = nil,
        metadata: JSONObject = [:]
    ) {
        self.sessionID = sessionID
        self.upstreamID = upstreamID
        self.kind = kind
        self.role = role
        self.content = content
        self.status = status
        self.placement = placement
        self.createdAt = createdAt
        self.metadata = metadata
    }

    /// About how many bytes this waits with: its text and a round sum for the rest.
    var weight: Int { content.utf8.count + 512 }

    var withoutZeroBytes: NewItem {
        guard content.utf8.contains(0) else { return self }
        var item = self
        item.content = String(
            decoding: content.unicodeScalars.map { $0.value == 0 ? 0xFFFD : $0.value },
            as: UTF32.self
        )
        return item
    }
}

/// What storing one item did.
public struct StoredItem: Sendable, Equatable {
    /// The item as it is now stored.
    public let item: Item
    /// True for a new item, false for one that was known by its upstream id.
    public let wasCreated: Bool
}

extension Item {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        i.id, c.id, s.id, i.upstream_id, i.kind, i.role, i.content, i.status, i.position,
        i.created_at, i.metadata
        """
    /// What ``columns`` are read from; says that the conversation is not deleted.
    static let source = """
        items i JOIN conversations c ON c.pk = i.conversation_pk AND c.deleted_at IS NULL
        LEFT JOIN sessions s ON s.pk = i.session_pk
        """

    init(_ row: inout RowReader) throws {
        id = ItemID(stored: row.text())
        conversationID = ConversationID(stored: row.text())
        sessionID = row.optionalText().map(SessionID.init(stored:))
        upstreamID = row.optionalText()
        kind = try row.choice()
        role = try row.choice()
        content = row.text()
        status = try row.choice()
        position = row.integer()
        createdAt = row.timestamp()
        metadata = try row.object()
    }
}
