internal import ContextStore
internal import WebServer

/// Lets people listen to a broadcast: everybody, those with its token, and always its owner.
struct ListenerAdmission: Sendable {
    let callers: CallerRoutes
    let admission: SessionAdmission

    /// The broadcast that a request names, for whoever may listen.
    ///
    /// As with every object of another user's, nobody is told that there is one that is not theirs to
    /// hear: all that is asked is asked of one that there is not, too.
    ///
    /// - Throws: `HTTPError` 404 for one that there is not or without the right to it, 401 or 403 for
    ///   credentials that are none.
    func broadcast(_ request: HTTPRequest) async throws -> OwnedBroadcast {
        let owned = try await callers.store.broadcast(request.pathID())
        if let owned, owned.broadcast.settings.access == .public { return owned }
        guard try await mayListen(request, to: owned), let owned else {
            throw HTTPError.objectNotFound
        }
        return owned
    }

    /// Whether a broadcast that is not public is there, and whoever asks may listen to it.
    private func mayListen(_ request: HTTPRequest, to owned: OwnedBroadcast?) async throws -> Bool {
        guard let token = ListenToken.of(request) else {
            guard let user = try await user(request) else { return false }
            return user == owned?.user
        }
        let hash = try ListenToken.hash(token)
        guard let expected = owned?.broadcast.settings.tokenHash else { return false }
        return ConstantTime.areEqual(hash, expected)
    }

    /// Who makes a request; nil for one that shows nothing.
    private func user(_ request: HTTPRequest) async throws -> UserID? {
        do {
            return try await admission.caller(request).identity.userID
        } catch let error as HTTPError where error.code == Authenticator.missingCredential.code {
            return nil
        }
    }

    /// The hash of the token by which an admitted request was let in; nil for one that needs none.
    static func tokenHash(_ request: HTTPRequest, _ broadcast: Broadcast) -> [UInt8]? {
        broadcast.settings.access == .token && ListenToken.of(request) != nil
            ? broadcast.settings.tokenHash : nil
    }

    /// Whether the owner makes a request that is admitted.
    ///
    /// - Throws: `HTTPError` when that cannot be found out just now.
    func isOwner(_ request: HTTPRequest, of owned: OwnedBroadcast) async throws -> Bool {
        do {
            return try await admission.caller(request).identity.userID == owned.user
        } catch let error as HTTPError where (400...499).contains(error.status) {
            return false
        }
    }

    /// The broadcast that a request names, for its owner.
    ///
    /// - Throws: `HTTPError` 404, 401 or 403.
    func ownBroadcast(_ request: HTTPRequest) async throws -> (OwnedBroadcast, Caller) {
        let caller = try await admission.caller(request)
        let broadcast = try await caller.store.broadcast(request.pathID())
        return (OwnedBroadcast(user: caller.identity.userID, broadcast: broadcast), caller)
    }
}

/// What lets people listen to a broadcast that is not public; the database holds only its hash.
///
/// It stands in `Authorization`, in a subprotocol where browsers cannot set that, or in the URL: it is a
/// link's to hand on, and opens nothing but one broadcast to listen to.
enum ListenToken {
    private static let prefix = "bl_"

    static func make() throws(OpenSSLError) -> ClientSecret {
        ClientSecret(plaintext: prefix + Base32Text.characters(of: try SecureRandom.bytes(32)))
    }

    static func hash(_ token: ClientSecret) throws(OpenSSLError) -> [UInt8] {
        try SHA256.digest(of: Array(token.plaintext.utf8))
    }

    /// The token that a request shows; nil for none.
    static func of(_ request: HTTPRequest) -> ClientSecret? {
        if let token = request.query["token"] { return ClientSecret(plaintext: token) }
        let key = ClientCredential.key(of: request)
        return key.flatMap { $0.hasPrefix(prefix) ? ClientSecret(plaintext: $0) : nil }
    }
}
