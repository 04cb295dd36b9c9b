@testable import SessionBroker

/// Signs tokens as an operator's own server would (RFC 7515, A.1), without the library under test.
struct SharedSecretToken {
    /// 32 bytes, which is what HS256 wants at least.
    static let secret = "0123456789abcdef0123456789abcdef"

    var header = #"{"alg":"HS256","typ":"JWT"}"#
    var payload: String
    var secret = Self.secret

    /// The token in its compact form.
    func signed() throws -> String {
        let text = "\(base64URL(Array(header.utf8))).\(base64URL(Array(payload.utf8)))"
        guard let key = SecretKey(exactly: Array(secret.utf8)) else { return text }
        let code = try HMACSHA256.code(for: Array(text.utf8), key: key)
        return "\(text).\(base64URL(code.bytes))"
    }
}

/// RFC 4648, 5, without padding.
func base64URL(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for index in 0...group.count { output.append(alphabet[bits >> (18 - 6 * index) & 63]) }
    }
    return String(decoding: output, as: UTF8.self)
}
