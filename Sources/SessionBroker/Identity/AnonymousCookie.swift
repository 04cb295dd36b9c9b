internal import ContextStore
internal import WebServer

/// The cookie that knows an anonymous browser again (RFC 6265bis).
///
/// Its value is the user's random id, a full stop, and the id's HMAC: nobody can make one up, and
/// nothing is stored for browsers that never come back.
///
/// `SameSite` is `Lax`, not `Strict`: a browser that follows a link to us from another site sends no
/// strict cookie, and would be given a new one over the old, losing its history. Requests that
/// change something are protected by ``CrossSiteGuard`` besides.
struct AnonymousCookie: Sendable {
    static let name = "broker_user"

    private static let prefix = "anon_"
    private static let idByteCount = 16
    private static let lifetimeSeconds = 365 * 86_400

    private let key: SecretKey
    private let randomBytes: @Sendable (Int) throws -> [UInt8]

    /// Signs with the keyring's key for cookies.
    ///
    /// - Throws: ``OpenSSLError`` when the key cannot be derived.
    init(
        keyring: Keyring,
        randomBytes: @escaping @Sendable (Int) throws -> [UInt8] = { try SecureRandom.bytes($0) }
    ) throws {
        key = try keyring.key(for: .cookie)
        self.randomBytes = randomBytes
    }

    /// The user of a request's cookie, or a new one with the cookie to set.
    ///
    /// A cookie with a wrong signature is like none.
    func identity(of request: HTTPRequest) throws -> Identity {
        for value in values(in: request) {
            if let userID = try user(signedIn: value) {
                return Identity(userID: userID, kind: .anonymous, setCookie: nil)
            }
        }
        let id = Self.prefix + Self.hexadecimal(try randomBytes(Self.idByteCount))
        guard let userID = UserID(id) else { throw HTTPError.internalError(Unreachable()) }
        let cookie =
            "\(Self.name)=\(id).\(try signature(of: id)); Path=/; Max-Age=\(Self.lifetimeSeconds); "
            + "HttpOnly; SameSite=Lax\(request.isReachedSecurely ? "; Secure" : "")"
        return Identity(userID: userID, kind: .anonymous, setCookie: cookie)
    }

    /// A random id is always valid; kept apart from failures that can happen.
    private struct Unreachable: Error {}

    private func values(in request: HTTPRequest) -> [String] {
        request.headers.values(of: "Cookie")
            .flatMap { $0.split(separator: ";") }
            .compactMap { pair in
                let parts = String(pair).trimmed.split(separator: "=", maxSplits: 1)
                return parts.count == 2 && parts[0] == Self.name ? String(parts[1]) : nil
            }
    }

    private func user(signedIn value: String) throws -> UserID? {
        let parts = value.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].hasPrefix(Self.prefix) else { return nil }
        let expected = Array(try signature(of: parts[0]).utf8)
        return ConstantTime.areEqual(expected, Array(parts[1].utf8)) ? UserID(parts[0]) : nil
    }

    private func signature(of id: String) throws -> String {
        let message = Array("\(Self.name)=\(id)".utf8)
        return Self.hexadecimal(try HMACSHA256.code(for: message, key: key).bytes)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
