/// What proves that a call of a tool comes from this installation; prints as `<redacted>`.
public struct WebhookSecret: Sendable, RedactedWhenPrinted {
    /// 24 to 64 bytes, as the specification has it.
    private let bytes: [UInt8]

    private static let prefix = "whsec_"

    /// The secret of an installation.
    ///
    /// - Throws: ``OpenSSLError`` when it cannot be derived.
    init(keyring: Keyring) throws(OpenSSLError) {
        bytes = try keyring.key(for: .webhookSigning).withSecretBytes(Array.init)
    }

    /// The secret of the installation that a database belongs to.
    ///
    /// - Parameter database: The path of the database; the installation's own secret lies beside it.
    /// - Throws: ``ConfigurationError`` when there is none yet: making one here, at a path with a
    ///   slip in it perhaps, would tell a secret that nobody signs with.
    public init(ofDatabase database: String) throws {
        let path = Keyring.path(besideDatabase: database)
        guard SecretFile(path: path).exists else {
            throw ConfigurationError("there is no \(path); the first `broker serve` makes it")
        }
        try self.init(keyring: Keyring(loadingOrCreating: path))
    }

    /// The secret as receivers are given it (https://www.standardwebhooks.com); nil for another text.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix),
            let bytes = Base64.decode(String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(bytes.count)
        else { return nil }
        self.bytes = bytes
    }

    /// `whsec_` and Base64, for the receivers' settings.
    public var plaintext: String { Self.prefix + bytes.base64 }

    /// The code of a message.
    func code(for message: [UInt8]) throws(OpenSSLError) -> [UInt8] {
        try HMACSHA256.code(for: message, key: bytes).bytes
    }
}
