/// The broker's own key of a relayed session, so that no key of upstream's reaches the client.
///
/// 160 random bits; the database holds only its hash.
enum RelaySecret {
    static func make() throws(OpenSSLError) -> ClientSecret {
        let body = Base32Text.characters(of: try SecureRandom.bytes(32))
        return ClientSecret(plaintext: "bs_" + body)
    }

    static func hash(_ secret: ClientSecret) throws(OpenSSLError) -> [UInt8] {
        try SHA256.digest(of: Array(secret.plaintext.utf8))
    }
}
