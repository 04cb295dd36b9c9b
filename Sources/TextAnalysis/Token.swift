/// A word of a sentence as it is written, with the punctuation at its ends.
struct Token: Sendable {
    /// As it is printed.
    var text: String
    /// In lower case, without the punctuation around it; empty for punctuation alone.
    let core: String
    /// Whether it begins with a capital letter.
    let isCapitalized: Bool
    /// Whether it is a date that was written beside what stood in the text.
    let isDate: Bool

    init(_ text: some StringProtocol) {
        self.text = String(text)
        isDate = false
        if let core = Self.core(ofASCII: self.text) {
            (self.core, isCapitalized) = core
        } else {
            let inner = Self.inner(text)
            isCapitalized = inner.first?.isUppercase == true
            core = String(inner.map { $0 == "’" ? "'" : $0 }).lowercased()
        }
    }

    /// The core, and whether it begins with a capital; nil for text with other letters.
    private static func core(ofASCII text: String) -> (String, Bool)? {
        var bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        guard let first = bytes.firstIndex(where: isInner),
            let last = bytes.lastIndex(where: isInner)
        else { return ("", false) }
        let isCapital = (0x41...0x5A).contains(bytes[first])
        for index in first...last where (0x41...0x5A).contains(bytes[index]) {
            bytes[index] += 0x20
        }
        return (String(decoding: bytes[first...last], as: UTF8.self), isCapital)
    }

    private static func isInner(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }

    /// A date written beside the words that it explains.
    init(date text: String) {
        self.text = "(\(text))"
        core = ""
        isCapitalized = false
        isDate = true
    }

    /// The words of a text between its spaces; a dash stands alone.
    static func tokens(of text: String) -> [Token] {
        text.split(separator: " ").map { Token($0) }
    }

    /// Whether a mark that ends a part of a sentence follows the word directly.
    var endsPart: Bool { punctuation != nil }

    /// The mark that ends a part of a sentence behind the word.
    var punctuation: Character? {
        text.last.flatMap { Self.marks.contains($0) ? $0 : nil }
    }

    /// The word without the possessive ending: "week" of "week's".
    var owner: String {
        core.hasSuffix("'s") ? String(core.dropLast(2)) : core
    }

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
    var hasQuestion: Bool { contains { $0 == "?" || $0 == "？" || $0 == "؟" } }
}
