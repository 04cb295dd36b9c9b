/// The keys of servers that may act for any user; prints as `<redacted>`.
struct ServiceKeys: Sendable, RedactedWhenPrinted {
    /// Digests, so that every comparison is of the same length.
    private let digests: [[UInt8]]

    /// Takes the keys as they stand in the setting.
    ///
    /// - Throws: ``OpenSSLError`` when they cannot be hashed.
    init(_ keys: [String]) throws(OpenSSLError) {
        var digests: [[UInt8]] = []
        for key in keys { digests.append(try SHA256.digest(of: Array(key.utf8))) }
        self.digests = digests
    }

    /// Whether there is no key, so that no server can authenticate.
    var isEmpty: Bool { digests.isEmpty }

    /// Whether a credential is one of the keys; takes as long whichever it is, or none.
    func contains(_ credential: String) throws(OpenSSLError) -> Bool {
        let digest = try SHA256.digest(of: Array(credential.utf8))
        var isFound = false
        for candidate in digests where ConstantTime.areEqual(candidate, digest) { isFound = true }
        return isFound
    }
}
