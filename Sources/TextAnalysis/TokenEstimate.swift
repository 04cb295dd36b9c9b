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
        var bytes = 0
        var words = 0
        var denseCharacters = 0
        var isInWord = false
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            if scalar.value >= 0x0590 && scalar.value < 0xE000 || scalar.value >= 0xF900 {
                denseCharacters += 1
            }
            let isSpace = scalar == " " || scalar == "\n" || scalar == "\t"
            if !isSpace && !isInWord { words += 1 }
            isInWord = !isSpace
        }
        let sparseBytes = bytes - denseCharacters * 3
        let byBytes = (max(sparseBytes, 0) + 3) / 4 + (denseCharacters * 3 + 1) / 2
        let byWords = (words * 135 + 99) / 100
        return max(byBytes, byWords)
    }

    /// What a word adds to the estimate of a text, its space included.
    public static func share(of word: Substring) -> Double {
        let isSparse = word.unicodeScalars.allSatisfy { $0.value < 0x0590 }
        return isSparse ? max(Double(word.utf8.count + 1) / 4, 1.35) : Double(tokens(in: word))
    }
}
