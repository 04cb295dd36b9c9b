/// A stand-in for a range of items of one segment of a conversation.
public struct Summary: Sendable, Equatable {
    /// Its id; a newer summary of the same segment keeps it.
    public let id: SummaryID
    /// The conversation that it is about.
    public let conversationID: ConversationID
    /// The session that it is about; nil for what was said outside of sessions.
    public let sessionID: SessionID?
    /// The summary itself.
    public let text: String
    /// When the first of what it covers was said.
    public let saidAt: Timestamp
    /// The position of the first item that it covers.
    public let fromPosition: Int64
    /// The position of the last item that it covers.
    public let toPosition: Int64
    /// How many items it covers.
    public let itemCount: Int
    /// About how many tokens its text has.
    public let tokens: Int
    /// The version of whatever wrote it.
    public let version: Int
    /// When it was written.
    public let createdAt: Timestamp
}

/// What a caller gives to store a ``Summary``.
public struct NewSummary: Sendable, Equatable {
    /// The session that it is about; nil for what was said outside of sessions.
    public var sessionID: SessionID?
    /// The summary itself.
    public var text: String
    /// When the first of what it covers was said.
    public var saidAt: Timestamp
    /// The position of the first item that it covers.
    public var fromPosition: Int64
    /// The position of the last item that it covers.
    public var toPosition: Int64
    /// How many items it covers.
    public var itemCount: Int
    /// About how many tokens its text has.
    public var tokens: Int
    /// The version of whatever wrote it.
    public var version: Int
    /// The revision that came with the items it was made of (``Segment/revision``).
    ///
    /// When an item was deleted or moved since, storing the summary is a conflict, so that no
    /// deleted text comes back in it.
    public var revision: Int64

    /// A summary to be stored.
    public init(
        sessionID: SessionID?,
        text: String,
        saidAt: Timestamp,
        fromPosition: Int64,
        toPosition: Int64,
        itemCount: Int,
        tokens: Int,
        version: Int,
        revision: Int64
    ) {
        self.sessionID = sessionID
        self.text = text
        self.saidAt = saidAt
        self.fromPosition = fromPosition
        self.toPosition = toPosition
        self.itemCount = itemCount
        self.tokens = tokens
        self.version = version
        self.revision = revision
    }
}

extension Summary {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        m.id, c.id, s.id, m.text, m.said_at, m.from_position, m.to_position, m.item_count, m.tokens,
        m.version, m.created_at
        """
    /// What ``columns`` are read from; says that the conversation is not deleted.
    static let source = """
        summaries m JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
        LEFT JOIN sessions s ON s.pk = m.session_pk
        """

    init(_ row: inout RowReader) throws {
        id = SummaryID(stored: row.text())
        conversationID = ConversationID(stored: row.text())
        sessionID = row.optionalText().map(SessionID.init(stored:))
        text = row.text()
        saidAt = row.timestamp()
        fromPosition = row.integer()
        toPosition = row.integer()
        itemCount = Int(row.integer())
        tokens = Int(row.integer())
        version = Int(row.integer())
        createdAt = row.timestamp()
    }
}
