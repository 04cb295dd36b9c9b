internal import ContextStore

/// What upstream knows a user by, to find abuse: stable, and not reversible to who it is
/// (reference, 2.1: `OpenAI-Safety-Identifier`).
enum SafetyIdentifier {
    static func make(for user: UserID) throws(OpenSSLError) -> String {
        let digest = try SHA256.digest(of: Array("session-broker:\(user.text)".utf8))
        return digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
