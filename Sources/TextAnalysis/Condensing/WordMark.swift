/// A word of a sentence as a number, with the weight of its kind: for counting words without
/// keeping them.
public struct WordMark: Hashable, Sendable {
    /// The kind of a word in the two low bits, and 30 bits of its stem's hash.
    public let rawValue: UInt32

    /// The mark with a value that was stored.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The mark of a word.
    ///
    /// Two of a few thousand words seldom share one (FNV-1a, RFC 9923); then they count as the
    /// same word.
    init(_ word: InformationWords.Word) {
        let hash = word.stem.utf8.reduce(0x811C_9DC5 as UInt32) {
            ($0 ^ UInt32($1)) &* 0x0100_0193
        }
        rawValue = hash << 2 | UInt32(word.kind.rawValue)
    }

    /// What tells words apart, whatever their kind in a sentence.
    var stem: UInt32 { rawValue >> 2 }

    /// How much the word says by its kind.
    var weight: Double {
        InformationWords.Kind(rawValue: Int(rawValue & 3))?.weight ?? 1
    }
}
