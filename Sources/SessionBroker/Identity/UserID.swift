/// Whose data it is: 1 to 256 bytes without control characters, unique in this installation.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    /// The id as text.
    public let description: String

    /// Takes an id; nil when it is empty, too long, or has control characters.
    public init?(_ text: String) {
        guard (1...256).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        description = text
    }
}
