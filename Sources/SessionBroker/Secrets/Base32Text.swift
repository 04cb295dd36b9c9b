/// Bytes as lower-case letters and digits without look-alikes: Crockford's base 32, five bits each.
enum Base32Text {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// A character for the low five bits of each byte.
    static func characters(of bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.map { digits[Int($0 & 31)] }, as: UTF8.self)
    }
}
