/// The keys of this installation: one master secret in a file, one derived key for each purpose.
///
/// Losing the file signs every anonymous user out, voids what was sealed (remembered answers, the
/// webhooks of agents and sessions) and changes the secret that webhooks are signed with; nothing
/// else.
struct Keyring: Sendable {
    /// What a key is for.
    ///
    /// The words are on disk by way of what they protect: never change one.
    enum Purpose: String, Sendable {
        case cookie
        case idempotency
        case clientSecret = "client_secret"
        case webhookSealing = "webhook_sealing"
        case webhookSigning = "webhook_signing"
    }

    private let master: SecretKey

    /// A keyring of a master secret, for tests.
    init(master: SecretKey) {
        self.master = master
    }

    /// Reads the master secret of a file, or makes both if there is no such file.
    ///
    /// Several processes that start at once end up with the same secret.
    ///
    /// - Parameter path: Where the 32 bytes are; the directory must exist.
    /// - Throws: ``SecretFileError`` when others may read the file, when it is no such file, or when
    ///   it cannot be read or made; ``OpenSSLError`` without randomness. There is no fallback.
    init(loadingOrCreating path: String) throws {
        let bytes = try SecretFile(path: path).loadOrCreate {
            try SecureRandom.bytes(SecretKey.byteCount)
        }
        guard let master = SecretKey(exactly: bytes) else {
            throw SecretFileError.notASecret(path: path, byteCount: bytes.count)
        }
        self.master = master
    }

    /// Where the master secret of an installation is.
    static func path(besideDatabase database: String) -> String { database + ".secret" }

    /// The key of one purpose.
    ///
    /// - Throws: ``OpenSSLError`` when it cannot be derived.
    func key(for purpose: Purpose) throws(OpenSSLError) -> SecretKey {
        try master.derived(for: purpose.rawValue)
    }
}
