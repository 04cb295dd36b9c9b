/// A stretch of what was said in a broadcast, in one language, or what is missing of it.
public struct Caption: Sendable, Equatable {
    /// What there is to tell.
    public enum Kind: String, Sendable, CaseIterable {
        /// What was said.
        case text
        /// Nothing: why stands in ``Caption/reason``.
        case gap
    }

    /// The language.
    public let language: String
    /// Its place among the captions of its language, from 1 without holes.
    public let sequence: Int64
    /// How often it was told, from 1; the last one holds.
    public var revision: Int64
    /// The number of the event that told it last, rising by one with each of its language.
    public var number: Int64
    /// What there is to tell.
    public var kind: Kind
    /// The text; empty for a gap.
    public var text: String
    /// Why it is a gap, or why its text was cut short; nil for a whole one.
    public var reason: GapReason?
    /// Which of the broadcast's speakers it is of, from 1.
    public var speaker: Int64
    /// The language that was heard, where upstream says so.
    public var spokenLanguage: String?
    /// When it began, in milliseconds since the broadcast went live.
    public var startMs: Int64
    /// When it ended, likewise.
    public var endMs: Int64

    /// A caption of its parts.
    public init(
        language: String,
        sequence: Int64,
        revision: Int64 = 1,
        number: Int64,
        kind: Kind = .text,
        text: String = "",
        reason: GapReason? = nil,
        speaker: Int64,
        spokenLanguage: String? = nil,
        startMs: Int64,
        endMs: Int64
    ) {
        self.language = language
        self.sequence = sequence
        self.revision = revision
        self.number = number
        self.kind = kind
        self.text = text
        self.reason = reason
        self.speaker = speaker
        self.spokenLanguage = spokenLanguage
        self.startMs = startMs
        self.endMs = endMs
    }
}

/// Why something that was said is not told, or not all of it.
public enum GapReason: String, Sendable, CaseIterable {
    /// The session upstream ended in mid-sentence.
    case upstreamLost = "upstream_lost"
    /// Upstream takes no more for now.
    case rateLimited = "rate_limited"
    /// Upstream does not take the session.
    case upstreamRefused = "upstream_refused"
    /// Upstream is behind by more than it may be.
    case upstreamSlow = "upstream_slow"
    /// Upstream could not make out what was said.
    case notUnderstood = "not_understood"
    /// Nobody listened in this language.
    case noListeners = "no_listeners"
    /// The broker was stopped or killed meanwhile.
    case brokerRestarted = "broker_restarted"
}
