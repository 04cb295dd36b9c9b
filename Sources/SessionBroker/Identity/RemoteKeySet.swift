internal import JSON
internal import JWTKit

/// One public or shared key, with the only algorithm that it verifies.
struct VerificationKey: Sendable {
    let algorithm: String
    /// Holds this key alone, so that a token's header cannot choose another.
    let collection: JWTKeyCollection

    /// A key shared with whoever signs (HS256, RFC 7518, 3.2).
    init(secret: String) async {
        algorithm = "HS256"
        collection = JWTKeyCollection()
        await collection.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
    }

    /// A member of a key set (RFC 7517, 4); nil when it is no RSA or P-256 key for signatures.
    init?(_ key: JSONValue) async {
        if let use = key["use"], use != "sig" { return nil }
        let identifier = JWKIdentifier(string: key["kid"]?.stringValue ?? "")
        let jwk: JWK
        switch (key["kty"], key["crv"]) {
        case ("RSA", _):
            algorithm = "RS256"
            jwk = .rsa(
                .rs256,
                identifier: identifier,
                modulus: key["n"]?.stringValue,
                exponent: key["e"]?.stringValue
            )
        case ("EC", "P-256"):
            algorithm = "ES256"
            jwk = .ecdsa(
                .es256,
                identifier: identifier,
                x: key["x"]?.stringValue,
                y: key["y"]?.stringValue,
                curve: .p256
            )
        default: return nil
        }
        if let stated = key["alg"]?.stringValue, stated != algorithm { return nil }
        collection = JWTKeyCollection()
        guard (try? await collection.add(jwk: jwk)) != nil else { return nil }
    }
}

/// The keys of an identity provider (RFC 7517, 5), fetched when needed and kept.
///
/// Keys that are an hour old are fetched anew beside the requests; they stay in use as long as
/// the URL is down. A key id that is not known makes requests wait for a fetch, at most once a
/// minute, so that invented ids cannot drive us to hammer the provider.
actor RemoteKeySet {
    /// The set could not be fetched even once.
    struct Unavailable: Error {
        let underlying: (any Error)?
    }

    /// What was fetched is not a key set.
    struct NotAKeySet: Error {}

    private struct Entry {
        let id: String?
        let key: VerificationKey
    }

    private static let maximumAge: Duration = .seconds(3_600)
    private static let pauseWithKeys: Duration = .seconds(60)
    private static let pauseWithoutKeys: Duration = .seconds(5)

    private let fetch: @Sendable () async throws -> [UInt8]
    private let now: @Sendable () -> ContinuousClock.Instant
    private var entries: [Entry]?
    private var lastError: (any Error)?
    private var attemptedAt: ContinuousClock.Instant?
    private var fetchedAt: ContinuousClock.Instant?
    private var refreshing: Task<Void, Never>?

    /// A set that `fetch` gets as JSON text; `now` is a clock that never goes back.
    init(
        fetch: @escaping @Sendable () async throws -> [UInt8],
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.fetch = fetch
        self.now = now
    }

    /// The key for a token's key id and algorithm; nil when the provider has none.
    ///
    /// A token without an id gets the only key of its algorithm, if there is just one.
    ///
    /// - Throws: ``Unavailable`` when there are no keys to look among.
    func key(id: String?, algorithm: String) async throws(Unavailable) -> VerificationKey? {
        if let key = find(id, algorithm) {
            if let fetchedAt, now() - fetchedAt > Self.maximumAge { _ = startRefresh() }
            return key
        }
        await startRefresh()?.value
        guard entries != nil else { throw Unavailable(underlying: lastError) }
        return find(id, algorithm)
    }

    private func find(_ id: String?, _ algorithm: String) -> VerificationKey? {
        let matches = (entries ?? []).filter {
            $0.key.algorithm == algorithm && (id == nil || $0.id == id)
        }
        return matches.count == 1 || id != nil ? matches.first?.key : nil
    }

    /// The fetch that is under way, or a new one; nil when it is too early for one.
    private func startRefresh() -> Task<Void, Never>? {
        if let refreshing { return refreshing }
        let pause = entries == nil ? Self.pauseWithoutKeys : Self.pauseWithKeys
        if let attemptedAt, now() - attemptedAt < pause { return nil }
        attemptedAt = now()
        // A task of its own: the request that started it may be cancelled, others wait for it too.
        let task = Task { await refresh() }
        refreshing = task
        return task
    }

    private func refresh() async {
        defer { refreshing = nil }
        do {
            let set = try JSONValue(parsing: try await fetch())
            guard let keys = set["keys"]?.arrayValue else { throw NotAKeySet() }
            var entries: [Entry] = []
            for key in keys {
                guard let usable = await VerificationKey(key) else { continue }
                entries.append(Entry(id: key["kid"]?.stringValue, key: usable))
            }
            self.entries = entries
            fetchedAt = now()
            lastError = nil
        } catch {
            lastError = error
        }
    }
}
