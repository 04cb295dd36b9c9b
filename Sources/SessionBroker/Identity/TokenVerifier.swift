internal import ContextStore
internal import JWTKit

/// Verifies end users' JSON Web Tokens (RFC 7519) by a shared secret, a remote key set, or both.
///
/// The algorithm decides which: HS256 is the secret's, RS256 and ES256 are the key set's. `none` and
/// all others are refused, and so is a token that marks an extension as critical (RFC 7515, 4.1.11).
struct TokenVerifier: Sendable {
    /// Why a token was refused; for the log, the client is not told which.
    enum Refusal: Error, Equatable {
        case malformed
        case algorithm
        case unknownKey
        case signature
        case expired
        case notYetValid
        case subject
        case audience
        case issuer
    }

    /// What tokens must say besides their subject; nil for anything.
    struct Requirements: Sendable {
        var audience: String?
        var issuer: String?
    }

    /// How far the signer's clock may be ahead of ours.
    private static let clockSkewSeconds = 30.0

    private let shared: VerificationKey?
    private let remote: RemoteKeySet?
    private let requirements: Requirements
    private let unixSeconds: @Sendable () -> Int64

    /// A verifier; without secret and key set it refuses everything.
    init(
        secret: String?,
        keySet: RemoteKeySet?,
        requirements: Requirements = Requirements(),
        unixSeconds: @escaping @Sendable () -> Int64 = HTTPClient.Pacing.live.unixSeconds
    ) async {
        if let secret {
            shared = await VerificationKey(secret: secret)
        } else {
            shared = nil
        }
        remote = keySet
        self.requirements = requirements
        self.unixSeconds = unixSeconds
    }

    /// The user that a token is about.
    ///
    /// - Throws: ``Refusal``, or ``RemoteKeySet/Unavailable`` when there is nothing to verify with.
    func user(of token: String) async throws -> UserID {
        let bytes = Array(token.utf8)
        guard let header = try? DefaultJWTParser().parse(bytes, as: Claims.self).header else {
            throw Refusal.malformed
        }
        guard let algorithm = header.alg, header.fields["crit"] == nil else {
            throw Refusal.algorithm
        }
        let key = try await key(id: header.kid, algorithm: algorithm)
        guard let claims = try? await key.collection.verify(bytes, as: Claims.self) else {
            throw Refusal.signature
        }
        try check(claims)
        guard let userID = claims.sub.flatMap({ UserID($0) }) else { throw Refusal.subject }
        return userID
    }

    /// A token without an end is good until its key is changed, as its issuer wants it.
    private func check(_ claims: Claims) throws(Refusal) {
        let now = Double(unixSeconds())
        if let expiry = claims.exp, now >= expiry { throw .expired }
        if let start = claims.nbf, now + Self.clockSkewSeconds < start { throw .notYetValid }
        if let audience = requirements.audience, claims.aud?.names.contains(audience) != true {
            throw .audience
        }
        if let issuer = requirements.issuer, claims.iss != issuer { throw .issuer }
    }

    private func key(id: String?, algorithm: String) async throws -> VerificationKey {
        switch algorithm {
        case "HS256":
            guard let shared else { throw Refusal.algorithm }
            return shared
        case "RS256", "ES256":
            guard let remote else { throw Refusal.algorithm }
            guard let key = try await remote.key(id: id, algorithm: algorithm) else {
                throw Refusal.unknownKey
            }
            return key
        default: throw Refusal.algorithm
        }
    }
}

/// The claims that matter here (RFC 7519, 4.1); times in Unix seconds, with fractions allowed.
private struct Claims: JWTPayload {
    var sub: String?
    var exp: Double?
    var nbf: Double?
    var aud: Audience?
    var iss: String?

    /// Nothing: ``TokenVerifier`` checks times by its own clock.
    func verify(using algorithm: some JWTAlgorithm) {}
}

/// One name, or a list of names (RFC 7519, 4.1.3).
private struct Audience: Codable {
    let names: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let name = try? container.decode(String.self) {
            names = [name]
        } else {
            names = try container.decode([String].self)
        }
    }

    func encode(to encoder: any Encoder) throws {
        try names.encode(to: encoder)
    }
}
