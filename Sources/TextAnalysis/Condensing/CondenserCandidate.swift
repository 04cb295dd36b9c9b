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
    public var session: Int
    /// Who said it.
    public let speaker: Speaker
    /// Its text in one line, shortened.
    public let text: String
    /// The measure of the text.
    public let measure: TextMeasure
    /// What it is worth by its own text (``AnalyzedSentence/worth``).
    public let worth: Int
    /// Its words that carry information.
    public let marks: [WordMark]

    /// Makes a candidate from its parts.
    public init(
        item: Int64,
        ordinal: Int,
        order: Int,
        day: CalendarDay,
        session: Int,
        speaker: Speaker,
        text: String,
        worth: Int,
        marks: [WordMark]
    ) {
        self.item = item
        self.ordinal = ordinal
        self.order = order
        self.day = day
        self.session = session
        self.speaker = speaker
        self.text = text
        self.worth = worth
        self.marks = marks
        measure = TextMeasure(text)
    }
}
