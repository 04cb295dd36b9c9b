/// What was said, as data in a prompt.
public enum QuotedText {
    /// A text in one line, with single spaces, cut at a word when it is too long.
    ///
    /// Control characters and those that turn the direction of writing become spaces, so that
    /// nothing that was said can begin a line, or pose as anything else.
    public static func line(_ text: some StringProtocol, maximumTokens: Int) -> String {
        var line = ""
        var tokens = 0.0
        for word in text.split(whereSeparator: isBreak) {
            tokens += TokenEstimate.share(of: Substring(word))
            guard tokens <= Double(maximumTokens) else {
                return line.isEmpty ? String(word.prefix(maximumTokens)) + "…" : line + " …"
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        return line
    }

    private static func isBreak(_ character: Character) -> Bool {
        if let ascii = character.asciiValue { return ascii <= 0x20 || ascii == 0x7F }
        return character.isWhitespace || character.unicodeScalars.allSatisfy(isUnsafe)
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        // Joiners shape letters of some scripts.
        case .format: scalar.value != 0x200D && scalar.value != 0x200C
        default: false
        }
    }
}
