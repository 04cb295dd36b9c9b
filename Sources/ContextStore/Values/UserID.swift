/// Who owns a row: the name that whoever authenticated the user calls them by.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    /// The name, 1 to 256 bytes without control characters.
    public let text: String

    /// A user's name; nil when it is empty, longer than 256 bytes or has a control character.
    ///
    /// U+FFFD is none either: it stands for bytes that were not UTF-8, and would make one user of
    /// all whose names differ in such bytes alone.
    public init?(_ text: String) {
        guard (1...256).contains(text.utf8.count) else { return nil }
        let hasUnfit = text.unicodeScalars.contains { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "\u{FFFD}"
        }
        guard !hasUnfit else { return nil }
        self.text = text
    }

    /// A name that this store wrote itself.
    init(stored text: String) {
        self.text = text
    }

    /// The name.
    public var description: String { text }
}

/// Names are the same byte by byte, as in the database: `String` takes "é" in one character for "é"
/// in two, and would give one user the rows of another.
extension UserID {
    /// Whether two names have the same bytes.
    public static func == (left: UserID, right: UserID) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes the name's bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8.max)
    }
}
