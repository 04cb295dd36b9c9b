/// What was said, as data in a prompt.
public enum QuotedText {
    /// A text in one line without control characters, cut at a word when it is too long.
    ///
    /// Nothing that was said can so begin a line, and pose as anything else.
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
        character.isWhitespace || character.isNewline
            || character.unicodeScalars.allSatisfy { $0.properties.generalCategory == .control }
    }
}
