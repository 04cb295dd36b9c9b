internal import ContextStore
internal import WebServer

/// A session, and who may talk in it.
struct AdmittedSession: Sendable {
    var session: Session
    let store: UserStore
    let user: UserID
    /// Whether this is a server of the owner's.
    let isTrusted: Bool
    var setCookie: String?
}

/// Lets clients into sessions: those who bring a session's own secret, and those who are known.
struct SessionAdmission: Sendable {
    let callers: CallerRoutes

    /// The session whose secret the request shows.
    ///
    /// The client of a session that is in use may come back with a secret that has expired.
    ///
    /// - Parameter request: The client's request.
    /// - Returns: Nil when it shows none.
    /// - Throws: `HTTPError` 401 for a secret that is unknown or has expired.
    func sessionBySecret(_ request: HTTPRequest) async throws -> AdmittedSession? {
        guard let secret = ClientCredential.secret(of: request) else { return nil }
        try callers.authenticator.checkOrigin(of: request)
        let hash = try RelaySecret.hash(ClientSecret(plaintext: secret))
        guard let owned = try await callers.store.session(secretHash: hash),
            owned.session.secretExpiresAt > .now() || owned.session.status == .active
        else {
            throw HTTPError(
                status: 401,
                code: "invalid_client_secret",
                message: "The client secret is unknown or has expired."
            )
        }
        return AdmittedSession(
            session: owned.session,
            store: callers.store.user(owned.user),
            user: owned.user,
            isTrusted: false
        )
    }

    /// A route about one session, for who shows its own secret, and for who is known and has it.
    func route(
        _ method: HTTPMethod,
        _ path: String,
        consumes: [String] = ["application/json"],
        handler: @escaping @Sendable (HTTPRequest, AdmittedSession) async throws -> HTTPResponse
    ) -> Route {
        Route(method, path, consumes: consumes) { request in
            let admitted = try await session(request)
            var response = try await handler(request, admitted)
            if let cookie = admitted.setCookie { response.headers.add("Set-Cookie", cookie) }
            return response
        }
    }

    private func session(_ request: HTTPRequest) async throws -> AdmittedSession {
        if let admitted = try await sessionBySecret(request) {
            guard try admitted.session.id == request.pathID() else {
                throw HTTPError.objectNotFound
            }
            return admitted
        }
        let caller = try await caller(request)
        return AdmittedSession(
            session: try await caller.store.session(request.pathID()),
            store: caller.store,
            user: caller.identity.userID,
            isTrusted: caller.isTrusted,
            setCookie: caller.identity.setCookie
        )
    }

    /// Who makes a request that shows no session's secret.
    ///
    /// - Throws: `HTTPError` 401 or 403 for somebody who is not known.
    func caller(_ request: HTTPRequest) async throws -> Caller {
        let known = ClientCredential.withAuthorization(request)
        let identity = try await callers.authenticator.identify(known)
        return Caller(identity: identity, store: callers.store.user(identity.userID))
    }
}

/// The key that a client shows: in `Authorization`, or, as browsers cannot, in a subprotocol
/// (reference, 3.1).
enum ClientCredential {
    private static let subprotocolPrefix = "openai-insecure-api-key."
    /// The broker's secrets, and upstream's ephemeral keys.
    private static let secretPrefixes = ["bs_", "ek_"]

    /// A session's own secret, wherever it stands: it says more than a key that a proxy adds.
    static func secret(of request: HTTPRequest) -> String? {
        [authorizationKey(request), subprotocolKey(request)].compactMap(\.self).first { key in
            secretPrefixes.contains { key.hasPrefix($0) }
        }
    }

    /// The request with any other key where the authenticator looks for it.
    static func withAuthorization(_ request: HTTPRequest) -> HTTPRequest {
        guard request.headers["Authorization"] == nil, let key = subprotocolKey(request) else {
            return request
        }
        var request = request
        request.headers["Authorization"] = "Bearer \(key)"
        return request
    }

    /// The key itself.
    static func key(of request: HTTPRequest) -> String? {
        guard request.headers["Authorization"] != nil else { return subprotocolKey(request) }
        return authorizationKey(request)
    }

    private static func authorizationKey(_ request: HTTPRequest) -> String? {
        guard let value = request.headers["Authorization"] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : nil
    }

    private static func subprotocolKey(_ request: HTTPRequest) -> String? {
        WebSocketHandshake.subprotocols(of: request).first { $0.hasPrefix(subprotocolPrefix) }
            .map { String($0.dropFirst(subprotocolPrefix.count)) }
    }
}
