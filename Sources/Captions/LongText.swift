/// Cuts the text of a turn that is too long for one caption.
public enum LongText {
    /// So many characters a caption of a turn has at most.
    public static let limit = 4_000

    /// The pieces of a text, one for each caption, without the space between them.
    ///
    /// Each is cut behind the last word that fits, or anywhere where none does. The cuts of a text stay
    /// where they are when more of it comes, behind the last piece.
    ///
    /// - Parameters:
    ///   - text: What was said.
    ///   - isWhole: Whether no more of it comes; the last piece ends with its last word then.
    ///   - limit: How long a piece may be.
    /// - Returns: At least one, which is empty for no text.
    public static func pieces(
        of text: String,
        isWhole: Bool = false,
        limit: Int = limit
    ) -> [String] {
        var pieces: [String] = []
        var rest = text.drop(while: \.isWhitespace)
        while let end = rest.index(rest.startIndex, offsetBy: limit, limitedBy: rest.endIndex),
            end < rest.endIndex
        {
            let cut = rest[...end].lastIndex(where: \.isWhitespace) ?? end
            let next = rest[cut...].drop(while: \.isWhitespace)
            // Only space may be too much.
            if next.isEmpty { break }
            pieces.append(trimmedEnd(rest[..<cut]))
            rest = next
        }
        return pieces + [isWhole ? trimmedEnd(rest) : String(rest)]
    }

    private static func trimmedEnd(_ text: Substring) -> String {
        guard let last = text.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(text[...last])
    }
}
