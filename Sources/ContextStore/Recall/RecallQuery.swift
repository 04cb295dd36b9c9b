/// What to look for among all that a user and the assistant ever said.
public struct RecallQuery: Sendable, Equatable {
    /// More phrasings than this are not read.
    public static let maximumPhrasings = 8
    /// There are never more hits than this.
    public static let maximumLimit = 400

    /// Questions or words, in any language: other wordings of one question.
    ///
    /// Any text will do; it is never read as a query language. Of each, the first 2,000 characters
    /// count, and of those, 16 words; of all together, 32 words.
    public var phrasings: [String]
    /// How many hits at most; cut to 1…400.
    public var limit: Int
    /// Looks within this conversation alone.
    public var conversation: ConversationID?
    /// Finds messages from this moment on.
    public var from: Timestamp?
    /// Finds messages up to this moment, including it.
    public var to: Timestamp?
    /// Whether the last word of each phrasing may only be the beginning of one, as while somebody types.
    public var completesWords: Bool
    /// Whether hits come with the messages before and after them.
    public var withNeighbours: Bool
    /// What "today" and "last week" are seen from.
    public var now: Timestamp

    /// A query; by default over everything.
    public init(
        phrasings: [String],
        limit: Int = 20,
        conversation: ConversationID? = nil,
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        completesWords: Bool = false,
        withNeighbours: Bool = true,
        now: Timestamp
    ) {
        self.phrasings = phrasings
        self.limit = limit
        self.conversation = conversation
        self.from = from
        self.to = to
        self.completesWords = completesWords
        self.withNeighbours = withNeighbours
        self.now = now
    }
}

/// A message that was found.
public struct RecallHit: Sendable, Equatable {
    /// The message.
    public let item: Item
    /// How well it fits, 0…1; comparable among the hits of one query only.
    public let score: Double
    /// Who said it, by name, where that is known.
    public let speaker: String?
    /// When its session was made; nil for messages outside of sessions.
    public let sessionStartedAt: Timestamp?
    /// The message before it in its session, where neighbours are wanted.
    public let before: Item?
    /// The message after it in its session, where neighbours are wanted.
    public let after: Item?
    /// What of its text matters, in about 200 characters.
    public let snippet: RecallSnippet
}
