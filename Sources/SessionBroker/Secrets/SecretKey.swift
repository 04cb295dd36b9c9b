/// 32 bytes that only their owner may know; prints as `<redacted>`.
struct SecretKey: Sendable, RedactedWhenPrinted {
    /// The number of bytes of every key here: SHA-256's output and AES-256's key.
    static let byteCount = 32

    private let secret: [UInt8]

    /// Takes 32 bytes; nil for any other number.
    init?(exactly bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        secret = bytes
    }

    /// The key that a purpose word derives from this one.
    ///
    /// HMAC-SHA-256 of the word under this key, as in the expand step of RFC 5869 with one block:
    /// no derived key tells anything of this one, or of another.
    func derived(for purpose: String) throws(OpenSSLError) -> SecretKey {
        SecretKey(code: try HMACSHA256.code(for: Array(purpose.utf8) + [1], key: self))
    }

    /// Lends the bytes to a call of OpenSSL.
    func withSecretBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        secret.withUnsafeBufferPointer(body)
    }

    private init(code: HMACSHA256.Code) {
        secret = code.bytes
    }
}
