/// Finds what looks like a credential, whoever's it is.
enum CredentialPatterns {
    /// How the keys of this API and of this broker begin.
    private static let prefixes = ["sk-", "sk_", "ek_", "ek-", "bs_", "sess-"].map {
        Array($0.utf8)
    }
    private static let schemes = ["bearer", "basic"].map { Array($0.utf8) }
    private static let fieldName = Array("authorization".utf8)

    /// The ranges of everything that looks like a credential; they may overlap.
    static func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        let lowered = bytes.map(lower)
        return tokens(in: bytes).filter { looksLikeKey(lowered[$0]) }
            + schemeValues(in: lowered) + fieldValues(in: lowered)
    }

    // MARK: Keys

    /// The longest runs of bytes that keys, whole or masked, are made of.
    ///
    /// Bytes beyond ASCII count, because keys are also masked with `•` and `…`.
    private static func tokens(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex { !isTokenByte($0) } ?? bytes.count
            // The full stop of a sentence is not the key's.
            let last = bytes[start..<end].lastIndex { $0 != UInt8(ascii: ".") }
            if let last { ranges.append(start..<last + 1) }
            start = end + 1
        }
        return ranges
    }

    private static func looksLikeKey(_ token: ArraySlice<UInt8>) -> Bool {
        let isMasked = token.indices.dropLast(2).contains {
            token[$0...].starts(with: "***".utf8)
        }
        return isMasked || keyStart(in: token) != nil
    }

    /// A prefix at the token's start or behind a byte that is no letter and no digit: `task-1` is no
    /// key, `api.sk-1` is one.
    private static func keyStart(in token: ArraySlice<UInt8>) -> Int? {
        token.indices.first { index in
            let isAtBoundary = index == token.startIndex || !isAlphanumeric(token[index - 1])
            return isAtBoundary
                && prefixes.contains {
                    token[index...].starts(with: $0) && token.endIndex - index > $0.count
                }
        }
    }

    // MARK: Authorization

    /// What follows `Bearer` or `Basic`, if it is no ordinary word.
    private static func schemeValues(in bytes: [UInt8]) -> [Range<Int>] {
        schemes.flatMap { scheme in
            occurrences(of: scheme, in: bytes).compactMap { end in
                let start = bytes[end...].firstIndex { !isSpace($0) } ?? bytes.count
                let stop = bytes[start...].firstIndex(where: endsValue) ?? bytes.count
                let value = bytes[start..<stop]
                let isWord = value.count < 16 && value.allSatisfy { !isDigit($0) }
                return start > end && !isWord ? start..<stop : nil
            }
        }
    }

    /// What follows `Authorization:`, up to the end of its line or of the string that it is in.
    private static func fieldValues(in bytes: [UInt8]) -> [Range<Int>] {
        occurrences(of: fieldName, in: bytes).compactMap { end in
            let sign = bytes[end...].firstIndex { !isSpace($0) && !isQuote($0) }
            guard let sign, bytes[sign] == UInt8(ascii: ":") || bytes[sign] == UInt8(ascii: "=")
            else { return nil }
            let start = bytes[(sign + 1)...].firstIndex { !isSpace($0) && !isQuote($0) }
            guard let start else { return nil }
            let stop = bytes[start...].firstIndex {
                isQuote($0) || $0 < 0x20 || $0 == UInt8(ascii: ",")
            }
            return start..<(stop ?? bytes.count)
        }
    }

    /// The ends of all whole-word occurrences of a word.
    private static func occurrences(of word: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard bytes.count >= word.count else { return [] }
        return (0...(bytes.count - word.count)).compactMap { start in
            let isWordStart = start == 0 || !isAlphanumeric(bytes[start - 1])
            return isWordStart && bytes[start...].starts(with: word) ? start + word.count : nil
        }
    }

    // MARK: Bytes

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte >= 0x80 || "-_*.".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower(byte))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func isQuote(_ byte: UInt8) -> Bool { "\"'`\\".utf8.contains(byte) }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || isQuote(byte) || byte == UInt8(ascii: ",")
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
