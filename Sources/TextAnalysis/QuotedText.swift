/// What was said, as data in a prompt.
public enum QuotedText {
    /// A text in one line, with single spaces, cut when it is too long: at a word, or within one of
    /// a script that puts no spaces between words.
    ///
    /// Control characters and those that turn the direction of writing become spaces or go, so that
    /// nothing that was said can begin a line, or pose as anything else.
    public static func line(_ text: some StringProtocol, maximumTokens: Int) -> String {
        cutLine(text, maximumTokens: maximumTokens).line
    }

    /// The same, and whether it was cut.
    public static func cutLine(
        _ text: some StringProtocol,
        maximumTokens: Int
    ) -> (line: String, isCut: Bool) {
        var line = ""
        var left = Double(maximumTokens)
        for part in text.split(whereSeparator: isBreak) {
            let word = safe(part)
            let share = TokenEstimate.share(of: word)
            guard share <= left else {
                let beginning = beginning(of: word, isFirst: line.isEmpty, tokens: left)
                if beginning.isEmpty { return (line + " …", true) }
                return (line + (line.isEmpty ? "" : " ") + beginning + "…", true)
            }
            left -= share
            line += line.isEmpty ? String(word) : " " + word
        }
        return (line, false)
    }

    /// As much of a word as fits; nothing of one that can go as a whole.
    private static func beginning(of word: Substring, isFirst: Bool, tokens: Double) -> Substring {
        guard isFirst || TextMeasure(word).denseCharacters > 0 else { return "" }
        var measure = TextMeasure()
        return word.prefix { character in
            measure = measure + TextMeasure(String(character))
            measure.words = 1
            return Double(measure.tokens) <= tokens
        }
    }

    /// A word without what is not fit to stand in a line: it may hide within a visible character.
    private static func safe(_ word: some StringProtocol) -> Substring {
        let isPlain = word.utf8.allSatisfy { $0 < 0x80 }
        if isPlain || !word.unicodeScalars.contains(where: \.isUnsafeInLine) {
            return Substring(word)
        }
        let scalars = word.unicodeScalars.filter { !$0.isUnsafeInLine }
        return Substring(String(String.UnicodeScalarView(scalars)))
    }

    private static func isBreak(_ character: Character) -> Bool {
        if let ascii = character.asciiValue { return ascii <= 0x20 || ascii == 0x7F }
        return character.isWhitespace || character.unicodeScalars.allSatisfy(\.isUnsafeInLine)
    }
}
