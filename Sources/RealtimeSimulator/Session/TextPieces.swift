/// Cuts a text into deltas as a model would stream it.
enum TextPieces {
    /// No recorded delta was longer.
    private static let limit = 16

    /// Words with the white space before them, punctuation apart; joined they are the text again.
    static func split(_ text: String) -> [String] {
        var pieces: [String] = []
        var current = ""
        var length = 0
        var hasLetter = false
        for character in text {
            let size = character.unicodeScalars.count
            let isWord = character.isLetter || character.isNumber
            let isBreak = hasLetter ? !isWord : !current.isEmpty && !isWord && current != " "
            if !current.isEmpty, isBreak || length + size > limit {
                pieces.append(current)
                (current, length, hasLetter) = ("", 0, false)
            }
            current.append(character)
            length += size
            hasLetter = hasLetter || isWord
        }
        if !current.isEmpty { pieces.append(current) }
        return pieces
    }
}
