/// Who owns a row: the name that whoever authenticated the user calls them by.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    /// The name, 1 to 256 bytes without control characters.
    public let text: String

    /// A user's name; nil when it is empty, longer than 256 bytes or has a control character.
    public init?(_ text: String) {
        guard (1...256).contains(text.utf8.count) else { return nil }
        let hasControl = text.unicodeScalars.contains { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        }
        guard !hasControl else { return nil }
        self.text = text
    }

    /// A name that this store wrote itself.
    init(stored text: String) {
        self.text = text
    }

    /// The name.
    public var description: String { text }
}
