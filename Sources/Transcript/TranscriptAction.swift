public import JSON

/// What is to be done after an event; in the order given.
public enum TranscriptAction: Sendable, Equatable {
    /// Insert the item, or replace the one with its id.
    case store(TranscriptItem)
    /// The same for an item that still grows, so that a crash loses at most the last second.
    case checkpoint(TranscriptItem)
    /// Take out the item with this id; it was stored before.
    case delete(id: String)
    /// Add this up; comes once for each response and each transcript.
    case recordUsage(TranscriptUsage)
}

/// What one response or one transcript consumed.
public struct TranscriptUsage: Sendable, Equatable {
    /// What consumed it.
    public enum Source: Sendable, Equatable {
        /// A response, and how it ended.
        case response(id: String, ResponseStatus?)
        /// The transcript of an item.
        case transcription(itemID: String)
    }

    /// What consumed it.
    public let source: Source
    /// How much.
    public let usage: TokenUsage

    /// What something consumed.
    public init(source: Source, usage: TokenUsage) {
        self.source = source
        self.usage = usage
    }
}

/// How a response ended.
public enum ResponseStatus: String, Sendable {
    case completed
    case cancelled
    case incomplete
    case failed
}

/// Tokens, or the seconds of audio of models that are paid by time (the Realtime reference, 8.3).
public struct TokenUsage: Sendable, Equatable {
    /// Tokens of one direction, by what they stand for.
    public struct Details: Sendable, Equatable {
        /// All of them.
        public var total = 0
        /// Of text.
        public var text = 0
        /// Of audio.
        public var audio = 0
        /// Of images.
        public var image = 0
        /// Thought, not said; part of ``text``.
        public var reasoning = 0

        /// No tokens.
        public init() {}
    }

    /// All tokens.
    public var total = 0
    /// What went in; cached ones are among them.
    public var input = Details()
    /// What went in and was cached.
    public var cached = Details()
    /// What came out.
    public var output = Details()
    /// The audio's length, for models that count that.
    public var seconds: Double?
    /// All of it as the provider said it, for what this type does not know.
    public var raw: JSONObject = [:]

    /// Nothing consumed.
    public init() {}
}
