/// Decides whether the broker may listen where it is told to.
enum ListenPolicy {
    /// Why not; the text names the settings that would allow it.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        /// The address that was refused.
        let host: String

        /// A sentence for whoever starts the broker.
        var description: String {
            "\(host) can be reached from other machines, but nobody could be told apart there. Set "
                + "BROKER_API_KEYS, BROKER_JWT_SECRET or BROKER_JWKS_URL, or let anyone in with "
                + "BROKER_ANONYMOUS=on; or listen on 127.0.0.1."
        }
    }

    /// Whether anonymous browsers are let in: as it was set, else only on loopback.
    ///
    /// - Throws: ``Refusal`` when other machines could reach a broker that nobody can authenticate to.
    static func allowsAnonymous(
        host: String,
        hasServiceKeys: Bool,
        verifiesTokens: Bool,
        anonymous: Bool?
    ) throws(Refusal) -> Bool {
        let isOnLoopback = LoopbackName.matches(host)
        let allowsAnonymous = anonymous ?? isOnLoopback
        guard isOnLoopback || hasServiceKeys || verifiesTokens || allowsAnonymous else {
            throw Refusal(host: host)
        }
        return allowsAnonymous
    }
}
