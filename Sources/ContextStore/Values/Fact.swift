/// Something that a user said of themself, with the messages that it was said in.
public struct Fact: Sendable, Equatable {
    /// Who found a fact.
    public enum Source: String, Sendable {
        /// The engine itself, by the form of a sentence.
        case embedded
        /// A language model.
        case model
    }

    /// Its id.
    public let id: FactID
    /// What it is about, as `name`, `place`, `job`, `family` or `preference`.
    public let kind: String
    /// What of that kind, where there can be several: whose name, a preference for what.
    public let key: String
    /// The value alone.
    public let value: String
    /// The whole fact, as a short phrase.
    public let text: String
    /// When it was said first.
    public let since: Timestamp
    /// When it was last said.
    public let lastSaidAt: Timestamp
    /// When something else took its place, or it was said to be over; nil while it holds.
    public let until: Timestamp?
    /// Who found it.
    public let source: Source
    /// The messages that it was said in, latest first, a few of them.
    public let messages: [ItemID]
    /// When it was found.
    public let createdAt: Timestamp
}
