/// A word of a sentence as it is written, with the punctuation at its ends.
struct Token: Sendable {
    /// As it is printed.
    var text: String
    /// In lower case, without the punctuation around it; empty for punctuation alone.
    let core: String
    /// Whether it begins with a capital letter.
    let isCapitalized: Bool

    init(_ text: some StringProtocol) {
        self.text = String(text)
        let inner = Self.inner(text)
        isCapitalized = inner.first?.isUppercase == true
        core = inner.lowercased().replacing("’", with: "'")
    }

    /// The words of a text between its spaces; a dash stands alone.
    static func tokens(of text: String) -> [Token] {
        text.replacing("—", with: " — ").split(whereSeparator: \.isWhitespace).map { Token($0) }
    }

    /// Whether a mark that ends a part of a sentence follows the word directly.
    var endsPart: Bool { punctuation != nil }

    /// The mark that ends a part of a sentence behind the word.
    var punctuation: Character? {
        text.last.flatMap { Self.marks.contains($0) ? $0 : nil }
    }

    /// Nothing but dashes.
    var isDash: Bool { text.allSatisfy { "-–—".contains($0) } }

    /// The word without what follows an apostrophe: "week" of "week's".
    var stem: String { String(core.prefix { $0 != "'" }) }

    private static func inner(_ text: some StringProtocol) -> String {
        let head = text.drop { !isInner($0) }
        guard let last = head.lastIndex(where: isInner) else { return "" }
        return String(head[...last])
    }

    private static func isInner(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
    }

    private static let marks: Set<Character> = [".", "!", "?", ",", ";", ":", "…", "。", "！", "？"]
}

extension StringProtocol {
    /// Whether there is a question mark in it.
    var hasQuestion: Bool { contains { $0 == "?" || $0 == "？" } }
}
