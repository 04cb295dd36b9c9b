/// Makes keys for servers.
public enum ServiceKey {
    /// A new key: `bk_` and 240 random bits.
    ///
    /// - Throws: when the system has no randomness.
    public static func make() throws -> String {
        let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")
        return "bk_" + String(try SecureRandom.bytes(48).map { digits[Int($0 & 31)] })
    }
}
