/// Something that a user said of themself.
public struct FoundFact: Sendable, Equatable {
    /// What it is about, as `name`, `place` or `job`.
    public let slot: String
    /// What of that, where there can be several; else empty.
    public let key: String
    /// The value alone.
    public let value: String
    /// The whole fact, as a short phrase.
    public let text: String
    /// Whether a newer value takes its place.
    public let isSingle: Bool
    /// Whether it is said to be over.
    public let hasEnded: Bool

    /// Makes a fact from its parts.
    public init(
        slot: String,
        key: String,
        value: String,
        text: String,
        isSingle: Bool,
        hasEnded: Bool
    ) {
        self.slot = slot
        self.key = key
        self.value = value
        self.text = text
        self.isSingle = isSingle
        self.hasEnded = hasEnded
    }
}

extension FoundFact {
    /// A fact that holds unless it is said to be over.
    init(
        _ slot: String,
        _ key: String,
        _ value: String,
        _ text: String,
        isSingle: Bool,
        hasEnded: Bool = false
    ) {
        self.init(
            slot: slot,
            key: key,
            value: value,
            text: text,
            isSingle: isSingle,
            hasEnded: hasEnded
        )
    }
}
