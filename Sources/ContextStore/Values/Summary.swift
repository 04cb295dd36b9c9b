/// A stand-in for a range of items of one segment of a conversation.
public struct Summary: Sendable, Equatable {
    /// Who wrote a summary.
    public enum Source: String, Sendable {
        /// The engine itself, from the speakers' own sentences.
        case embedded
        /// A language model.
        case model
    }

    /// Its id; a newer summary of the same range keeps it.
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
    /// The first item that it covers; nil if that was deleted a moment ago.
    public let firstItem: ItemID?
    /// The last item that it covers; nil if that was deleted a moment ago.
    public let lastItem: ItemID?
    /// How many items it covers.
    public let itemCount: Int
    /// About how many tokens its text has.
    public let tokens: Int
    /// The version of whatever wrote it.
    public let version: Int
    /// Who wrote it.
    public let source: Source
    /// When it was written.
    public let createdAt: Timestamp
}

/// What is stored of a ``Summary``.
struct NewSummary: Sendable, Equatable {
    /// The summary whose place it takes, if any.
    var replaces: SummaryID?
    var sessionID: SessionID?
    var text: String
    var saidAt: Timestamp
    var fromPosition: Int64
    var toPosition: Int64
    var itemCount: Int
    var tokens: Int
    var version: Int
    var source = Summary.Source.embedded
    /// Whether what is said next begins another summary.
    var isFull = false
    /// The revision of the conversation that came with the items it was made of.
    ///
    /// When an item was deleted or moved since, storing the summary is a conflict, so that no
    /// deleted text comes back in it.
    var revision: Int64
}

extension Summary {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        m.id, c.id, s.id, m.text, m.said_at, m.from_position, m.to_position,
        (SELECT i.id FROM items i
        WHERE i.conversation_pk = m.conversation_pk AND i.position = m.from_position),
        (SELECT i.id FROM items i
        WHERE i.conversation_pk = m.conversation_pk AND i.position = m.to_position),
        m.item_count, m.tokens, m.version, m.source, m.created_at
        """
    /// What ``columns`` are read from; says that it is neither outdated nor empty, and its
    /// conversation not deleted.
    static let source = """
        summaries m JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
        AND m.text <> '' LEFT JOIN sessions s ON s.pk = m.session_pk
        """

    init(_ row: inout RowReader) throws {
        id = SummaryID(stored: row.text())
        conversationID = ConversationID(stored: row.text())
        sessionID = row.optionalText().map(SessionID.init(stored:))
        text = row.text()
        saidAt = row.timestamp()
        fromPosition = row.integer()
        toPosition = row.integer()
        firstItem = row.optionalText().map(ItemID.init(stored:))
        lastItem = row.optionalText().map(ItemID.init(stored:))
        itemCount = Int(row.integer())
        tokens = Int(row.integer())
        version = Int(row.integer())
        source = try row.choice()
        createdAt = row.timestamp()
    }
}
