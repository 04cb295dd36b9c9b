/// Makes text that others wrote fit to stand in a line of ours.
enum PlainLine {
    /// The text in one line, cut at 600 characters, with a single space between words.
    ///
    /// Control characters and those that turn the direction of writing become spaces. Dashes
    /// between words stand alone.
    static func text(of text: some StringProtocol) -> String {
        let text = text.prefix(SentenceAnalyzer.maximumLength)
        if isPlain(text.utf8) { return String(text) }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.isUnsafeInLine {
                line.append(" ")
            } else if scalar == "—" {
                line.append(contentsOf: " — ".unicodeScalars)
            } else {
                line.append(scalar)
            }
        }
        return String(line).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Whether it is a line already, which most text is: ASCII's printable characters, with one
    /// space between words.
    private static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool {
        var last = UInt8(ascii: " ")
        for byte in bytes {
            guard (0x20...0x7E).contains(byte), byte != 0x20 || last != 0x20 else { return false }
            last = byte
        }
        return last != 0x20
    }
}

extension Unicode.Scalar {
    /// Whether it could begin a line, or pose as anything else, where text is quoted in a line.
    var isUnsafeInLine: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        // Joiners shape letters of some scripts.
        case .format: value != 0x200D && value != 0x200C
        default: false
        }
    }
}
