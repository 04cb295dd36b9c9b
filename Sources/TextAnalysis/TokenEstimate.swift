/// Estimates how many tokens a model makes of a text, on the safe side.
///
/// The larger of a quarter of the bytes and 1.35 a word is safe for English. In scripts whose
/// characters are a token or more each, every character beyond Latin, Greek and Cyrillic counts as
/// one and a half.
public enum TokenEstimate {
    /// The estimate for a text.
    ///
    /// 0 for an empty one; takes time in proportion to its length.
    public static func tokens(in text: some StringProtocol) -> Int {
        TextMeasure(text).tokens
    }

    /// About how many tokens it is, for bounds on how long a text may get; budgets need the
    /// safe estimate.
    ///
    /// Differs from it in scripts beyond Latin, Greek and Cyrillic alone: as much can be said
    /// within a bound in any of them.
    public static func likelyTokens(in text: some StringProtocol) -> Int {
        Int(TextMeasure(text).likelyTokens.rounded(.up))
    }

    /// What a word adds to the estimate of a text, its space included.
    public static func share(of word: Substring) -> Double {
        let measure = TextMeasure(word)
        return measure.denseCharacters == 0
            ? max(Double(measure.bytes + 1) / 4, 1.35) : Double(measure.tokens)
    }
}

/// What the estimate of a text's tokens is made of; measures of parts add up to that of the whole.
public struct TextMeasure: Sendable, Hashable {
    /// Bytes of UTF-8.
    public var bytes = 0
    /// Runs of characters between spaces.
    public var words = 0
    /// Characters of scripts in which each may be a token of its own.
    public var denseCharacters = 0

    /// The measure of nothing.
    public init() {}

    /// A measure of known parts.
    public init(bytes: Int, words: Int) {
        self.bytes = bytes
        self.words = words
    }

    /// Measures a text.
    public init(_ text: some StringProtocol) {
        let ascii = text.utf8.withContiguousStorageIfAvailable(Self.init(ascii:))
        self = ascii.flatMap(\.self) ?? Self(scalars: text.unicodeScalars)
    }

    /// Nil for text with other characters than ASCII's, most text being none.
    private init?(ascii bytes: UnsafeBufferPointer<UInt8>) {
        var isInWord = false
        for byte in bytes {
            guard byte < 0x80 else { return nil }
            let isSpace = byte == 0x20 || byte == 0x0A || byte == 0x09
            if !isSpace && !isInWord { words += 1 }
            isInWord = !isSpace
        }
        self.bytes = bytes.count
    }

    private init(scalars: some Sequence<Unicode.Scalar>) {
        var isInWord = false
        for scalar in scalars {
            bytes += UTF8.width(scalar)
            if scalar.value >= 0x0590 && scalar.value < 0xE000 || scalar.value >= 0xF900 {
                denseCharacters += 1
            }
            let isSpace = scalar == " " || scalar == "\n" || scalar == "\t"
            if !isSpace && !isInWord { words += 1 }
            isInWord = !isSpace
        }
    }

    /// The estimate.
    public var tokens: Int {
        let sparseBytes = bytes - denseCharacters * 3
        let byBytes = (max(sparseBytes, 0) + 3) / 4 + (denseCharacters * 3 + 1) / 2
        let byWords = (words * 135 + 99) / 100
        return max(byBytes, byWords)
    }

    /// Neither on the safe nor on the low side: ``TokenEstimate/likelyTokens(in:)``.
    var likelyTokens: Double {
        guard denseCharacters > 0 else { return Double(tokens) }
        let sparse = Double(max(bytes - denseCharacters * 3, 0)) / 4
        return max(sparse + Double(denseCharacters) * 0.75, Double(words) * 1.35)
    }

    /// The measure of two texts with a space, or nothing, between.
    public static func + (left: TextMeasure, right: TextMeasure) -> TextMeasure {
        var sum = left
        sum.bytes += right.bytes
        sum.words += right.words
        sum.denseCharacters += right.denseCharacters
        return sum
    }
}
