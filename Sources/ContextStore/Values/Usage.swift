/// Tokens by what they stand for.
///
/// Cached ones are among the input, reasoning is part of the text that came out.
public struct UsageTokens: Sendable, Equatable {
    /// Tokens of text that went in.
    public var inputText: Int64 = 0
    /// Tokens of audio that went in.
    public var inputAudio: Int64 = 0
    /// Tokens of images that went in.
    public var inputImage: Int64 = 0
    /// Those of ``inputText`` that were cached.
    public var cachedText: Int64 = 0
    /// Those of ``inputAudio`` that were cached.
    public var cachedAudio: Int64 = 0
    /// Those of ``inputImage`` that were cached.
    public var cachedImage: Int64 = 0
    /// Tokens of text that came out.
    public var outputText: Int64 = 0
    /// Tokens of audio that came out.
    public var outputAudio: Int64 = 0
    /// Those of ``outputText`` that were thought, not said.
    public var reasoning: Int64 = 0

    /// No tokens.
    public init() {}
}

/// What one response or one transcript consumed, to be recorded.
public struct NewUsage: Sendable, Equatable {
    /// What consumes.
    public enum Source: String, Sendable, CaseIterable {
        /// A response of the model.
        case response
        /// The transcript of what a user said.
        case transcription
        /// A stretch of a translation session.
        case translation
    }

    /// The session that it happened in.
    public var sessionID: SessionID
    /// What consumed it.
    public var source: Source
    /// The id of the response or of the item; one of each kind counts once in a session.
    public var sourceID: String
    /// The model; empty when it is not known.
    public var model: String
    /// How a response ended.
    public var status: String?
    /// When it was; nil for now.
    public var createdAt: Timestamp?
    /// How many tokens.
    public var tokens: UsageTokens
    /// How much audio, for models that are paid by time.
    public var milliseconds: Int64
    /// What it cost, in billionths of a dollar; nil when a price is not known.
    public var costNanodollars: Int64?

    /// What something consumed.
    public init(
        sessionID: SessionID,
        source: Source,
        sourceID: String,
        model: String,
        status: String? = nil,
        createdAt: Timestamp? = nil,
        tokens: UsageTokens = UsageTokens(),
        milliseconds: Int64 = 0,
        costNanodollars: Int64? = nil
    ) {
        self.sessionID = sessionID
        self.source = source
        self.sourceID = sourceID
        self.model = model
        self.status = status
        self.createdAt = createdAt
        self.tokens = tokens
        self.milliseconds = milliseconds
        self.costNanodollars = costNanodollars
    }
}

/// What several responses and transcripts consumed together.
public struct UsageSum: Sendable, Equatable {
    /// How many responses.
    public let responses: Int64
    /// How many transcripts.
    public let transcriptions: Int64
    /// How many stretches of translation.
    public let translations: Int64
    /// Their tokens.
    public let tokens: UsageTokens
    /// Their audio, of models that are paid by time.
    public let milliseconds: Int64
    /// What those with a price cost, in billionths of a dollar.
    public let costNanodollars: Int64
    /// How many have no price; they are not in ``costNanodollars``.
    public let unpriced: Int64

    /// How many there are.
    public var count: Int64 { responses + transcriptions + translations }
}

/// What usage is summed up by.
public enum UsageGrouping: String, Sendable, CaseIterable {
    /// Days in UTC.
    case day
    /// Models.
    case model
    /// Conversations.
    case conversation
}

/// Usage of a span of time, in groups.
public struct UsageReport: Sendable, Equatable {
    /// One day, model or conversation.
    public struct Group: Sendable, Equatable {
        /// `2026-11-20`, a model's name (empty when not known), or a conversation's id.
        public let key: String
        /// What was consumed.
        public let sum: UsageSum
    }

    /// The groups, the most recently used first.
    public let groups: [Group]
    /// Whether there are more groups.
    public let hasMore: Bool
    /// All groups together, also those that are not in ``groups``.
    public let total: UsageSum
}

extension UsageSum {
    /// The expressions that ``init(_:)`` reads, in its order.
    static let columns = """
        count(*) FILTER (WHERE g.source = 'response'),
        count(*) FILTER (WHERE g.source = 'transcription'),
        count(*) FILTER (WHERE g.source = 'translation'),
        ifnull(sum(g.input_text), 0), ifnull(sum(g.input_audio), 0), ifnull(sum(g.input_image), 0),
        ifnull(sum(g.cached_text), 0), ifnull(sum(g.cached_audio), 0),
        ifnull(sum(g.cached_image), 0), ifnull(sum(g.output_text), 0),
        ifnull(sum(g.output_audio), 0), ifnull(sum(g.reasoning), 0),
        ifnull(sum(g.milliseconds), 0), ifnull(sum(g.cost), 0), count(*) - count(g.cost)
        """

    init(_ row: inout RowReader) {
        responses = row.integer()
        transcriptions = row.integer()
        translations = row.integer()
        var tokens = UsageTokens()
        tokens.inputText = row.integer()
        tokens.inputAudio = row.integer()
        tokens.inputImage = row.integer()
        tokens.cachedText = row.integer()
        tokens.cachedAudio = row.integer()
        tokens.cachedImage = row.integer()
        tokens.outputText = row.integer()
        tokens.outputAudio = row.integer()
        tokens.reasoning = row.integer()
        self.tokens = tokens
        milliseconds = row.integer()
        costNanodollars = row.integer()
        unpriced = row.integer()
    }
}
