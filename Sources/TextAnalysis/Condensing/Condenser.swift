/// A sentence that may stand in a condensed history.
public struct CondenserCandidate: Sendable, Equatable {
    /// Names the sentence's message.
    public let item: Int64
    /// Its place among the message's sentences.
    public let ordinal: Int
    /// Its place in time among all candidates.
    public var order: Int
    /// When it was said.
    public let day: CalendarDay
    /// Names the session that it was said in.
    public var session: Int64
    /// Who said it.
    public let speaker: Speaker
    /// Its text in one line, shortened.
    public let text: String
    /// About how many tokens that has.
    public let tokens: Int
    /// What it is worth by its own text (``AnalyzedSentence/value``).
    public let value: Int

    /// Makes a candidate from its parts.
    public init(
        item: Int64,
        ordinal: Int,
        order: Int,
        day: CalendarDay,
        session: Int64,
        speaker: Speaker,
        text: String,
        tokens: Int,
        value: Int
    ) {
        self.item = item
        self.ordinal = ordinal
        self.order = order
        self.day = day
        self.session = session
        self.speaker = speaker
        self.text = text
        self.tokens = tokens
        self.value = value
    }
}

/// Chooses the sentences that say most in a number of tokens, and puts them on a page.
public struct Condenser: Sendable {
    /// Makes a condenser.
    public init() {}

    /// The candidates worth keeping, best first, up to a number of tokens.
    public func ranking(
        of candidates: [CondenserCandidate],
        tokens: Int
    ) -> [CondenserCandidate] {
        var left = tokens
        return candidates.sorted { ($1.value, $0.order) < ($0.value, $1.order) }.filter {
            left -= $0.tokens
            return left >= 0
        }
    }

    /// The best of a ranking that fit, in the order of time, under the dates of their sessions.
    public func page(of ranking: [CondenserCandidate], tokens: Int) -> CondensedPage {
        var left = tokens
        let fitting = ranking.prefix {
            left -= $0.tokens + 12
            return left >= 0
        }
        let lines = fitting.sorted { $0.order < $1.order }.map {
            "> \($0.day) \($0.speaker == .user ? "U" : "A"): \($0.text)"
        }
        return CondensedPage(
            lines: lines,
            sentenceCount: fitting.count,
            sessionCount: Set(fitting.map(\.session)).count
        )
    }
}

/// A condensed history as it is printed.
public struct CondensedPage: Sendable, Equatable {
    /// Its lines; each begins with `> `.
    public var lines: [String]
    /// How many sentences are in them.
    public var sentenceCount: Int
    /// How many sessions those are from.
    public var sessionCount: Int

    /// A page of these lines.
    public init(lines: [String], sentenceCount: Int, sessionCount: Int) {
        self.lines = lines
        self.sentenceCount = sentenceCount
        self.sessionCount = sessionCount
    }

    /// A page with nothing on it.
    public static let empty = CondensedPage(lines: [], sentenceCount: 0, sessionCount: 0)
}
