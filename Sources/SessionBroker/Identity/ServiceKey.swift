/// Makes keys for servers.
public enum ServiceKey {
    /// A new key: `bk_` and 240 random bits.
    ///
    /// - Throws: when the system has no randomness.
    public static func make() throws -> String {
        "bk_" + Base32Text.characters(of: try SecureRandom.bytes(48))
    }
}
