/// Cuts a text into sentences.
///
/// A sentence ends behind a character that Unicode calls a sentence terminal, together with what
/// closes it (quotes, brackets), before a space; at a line break; and, in scripts without spaces,
/// right behind the terminal. A full stop behind a single capital or a common abbreviation, or
/// behind a short word and before a lower-case letter, ends nothing.
public enum SentenceSplitter {
    /// The sentences of a text in their order, without the spaces around them; none is empty.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - limit: How many at most; what is left over goes unread.
    /// - Returns: The sentences.
    public static func sentences(of text: some StringProtocol, limit: Int = .max) -> [String] {
        var sentences: [String] = []
        var start = text.startIndex
        var index = text.startIndex
        func end(at end: String.Index) {
            let sentence = trimmed(text[start..<end])
            if !sentence.isEmpty { sentences.append(sentence) }
            start = end
        }
        while index < text.endIndex, sentences.count < limit {
            let character = text[index]
            let next = text.index(after: index)
            if character.isNewline {
                end(at: next)
            } else if isTerminal(character) {
                let close = endOfClosing(in: text, from: next)
                if endsSentence(character, in: text, sentence: start..<index, behind: close) {
                    end(at: close)
                }
                index = close
                continue
            }
            index = next
        }
        if sentences.count < limit { end(at: text.endIndex) }
        return sentences
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let head = text.drop(while: \.isWhitespace)
        guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(head[...last])
    }

    private static func isTerminal(_ character: Character) -> Bool {
        switch character {
        case ".", "!", "?", "…": true
        default:
            character.asciiValue == nil
                && character.unicodeScalars.first?.properties.isSentenceTerminal == true
        }
    }

    /// Further terminals and closing quotes belong to the sentence that they follow.
    private static func endOfClosing<Text: StringProtocol>(
        in text: Text,
        from start: String.Index
    ) -> String.Index {
        var index = start
        while index < text.endIndex, isTerminal(text[index]) || closing.contains(text[index]) {
            index = text.index(after: index)
        }
        return index
    }

    private static func endsSentence<Text: StringProtocol>(
        _ terminal: Character,
        in text: Text,
        sentence: Range<String.Index>,
        behind close: String.Index
    ) -> Bool {
        guard close < text.endIndex else { return true }
        let isASCII = terminal.asciiValue != nil || terminal == "…"
        guard text[close].isWhitespace else { return !isASCII }
        let follower = text[close...].first { !$0.isWhitespace }
        if terminal == "…" { return follower?.isLowercase != true }
        guard terminal == "." else { return true }
        let word = text[sentence].reversed().prefix { $0.isLetter }
        // People seldom shift for a capital when they type; a short word may be an abbreviation.
        if follower?.isLowercase == true, word.count < 4 { return false }
        if word.count == 1, let letter = word.first, letter.isUppercase, letter != "I" {
            return false
        }
        return !abbreviations.contains(String(word.reversed()).lowercased())
    }

    private static let closing: Set<Character> = ["\"", "'", "”", "’", "»", ")", "]", "」", "』"]
    private static let abbreviations: Set<String> = [
        "mr", "mrs", "ms", "dr", "st", "prof", "vs", "etc", "jr", "sr", "approx",
    ]
}
