/// The key that this broker shows upstream; prints as `<redacted>`.
public struct UpstreamKey: Sendable, RedactedWhenPrinted {
    /// The key itself: for the `Authorization` field and the scrubber, nothing else.
    let plaintext: String

    /// Takes a key as it stands in a setting or a file, without white space around it.
    ///
    /// Nil when nothing is left, or when it has characters that cannot stand in a header field.
    public init?(_ text: String) {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte >= 0x09 && byte <= 0x0D }
        let front = text.utf8.drop(while: isSpace)
        guard let last = front.lastIndex(where: { !isSpace($0) }) else { return nil }
        let key = front[...last]
        guard key.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        plaintext = String(decoding: key, as: UTF8.self)
    }

    /// The value of the `Authorization` field (RFC 6750, 2.1).
    var authorization: String { "Bearer \(plaintext)" }
}
