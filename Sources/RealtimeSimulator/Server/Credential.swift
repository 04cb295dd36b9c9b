internal import WebServer

/// Who calls, and whether that is allowed.
struct Credential: Sendable {
    /// What the caller showed; nil for nothing.
    let key: String?

    /// Reads the header, or what browsers have to send in its place.
    init(_ request: HTTPRequest) {
        if let field = request.headers["Authorization"],
            field.lowercased().hasPrefix("bearer "), field.utf8.count > 7
        {
            key = String(field.dropFirst(7)).trimmed
            return
        }
        let prefix = "openai-insecure-api-key."
        key = WebSocketHandshake.subprotocols(of: request)
            .first { $0.hasPrefix(prefix) }
            .map { String($0.dropFirst(prefix.count)) }
    }

    /// Whether this is the standard key; any is, where none is configured.
    func isStandardKey(_ expected: String?) -> Bool {
        guard let key, !key.isEmpty, !key.hasPrefix("ek_") else { return false }
        guard let expected else { return true }
        return Self.isSame(key, expected)
    }

    /// Upstream's words, which echo a masked part of the key.
    var rejection: String {
        guard let key else { return "Missing bearer or basic authentication in header" }
        return "Incorrect API key provided: \(Self.masked(key)). This is the simulator; it takes "
            + "the key that it was started with, or an ephemeral key that it minted."
    }

    /// The prefix up to the second dash, and the last four characters of a long key.
    static func masked(_ key: String) -> String {
        guard key.count >= 16 else { return "****" }
        let parts = key.prefix(12).split(separator: "-", omittingEmptySubsequences: false)
        let prefix = parts.count > 1 ? parts.dropLast().joined(separator: "-") + "-" : ""
        return prefix + "****" + key.suffix(4)
    }

    /// Takes the same time wherever the keys differ.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
