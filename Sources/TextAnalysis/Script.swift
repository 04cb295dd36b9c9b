/// What is known of the scripts of characters.
enum Script {
    /// Whether a character is of a script that puts no spaces between words, so that pairs of
    /// characters stand in for words: Thai, Lao, Myanmar, Khmer, and those of China, Japan and
    /// Korea (blocks of Unicode 15).
    static func isDense(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0E01...0x0EDF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17DD, 0x3005...0x3007,
            0x3040...0x30FA, 0x30FC...0x318F, 0x31A0...0x31BF, 0x31F0...0x31FF, 0x3400...0x4DBF,
            0x4E00...0x9FFF, 0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF66...0xFF9F,
            0x20000...0x3FFFF:
            true
        default:
            false
        }
    }

    /// Whether a text has letters of scripts other than Latin, Greek, Cyrillic and Armenian.
    static func isBeyondLatin(_ text: some StringProtocol) -> Bool {
        // No byte of a character before U+0580 is so large.
        guard text.utf8.contains(where: { $0 >= 0xD6 }) else { return false }
        return text.unicodeScalars.contains { $0.value >= 0x0590 && $0.properties.isAlphabetic }
    }
}
