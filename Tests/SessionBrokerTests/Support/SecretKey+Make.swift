import Testing

@testable import SessionBroker

extension SecretKey {
    /// A key of one byte's value, 32 times.
    static func make(_ byte: UInt8) -> SecretKey {
        guard let key = SecretKey(exactly: Array(repeating: byte, count: SecretKey.byteCount))
        else {
            fatalError("32 bytes are a key")
        }
        return key
    }

    /// The bytes, to compare.
    var copy: [UInt8] { withSecretBytes(Array.init) }
}

extension [UInt8] {
    /// The bytes that pairs of hexadecimal digits stand for.
    init(hex: String) {
        let digits = hex.compactMap { $0.hexDigitValue }
        self = stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }

    /// Two lower-case digits for each byte.
    var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
