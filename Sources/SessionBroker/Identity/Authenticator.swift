internal import ContextStore
internal import WebServer

/// Finds out who makes a request: a server, an end user, or an anonymous browser.
struct Authenticator: Sendable {
    private static let defaultUser = "default"

    private let serviceKeys: ServiceKeys
    private let tokens: TokenVerifier?
    private let anonymous: AnonymousCookie?
    private let crossSite: CrossSiteGuard

    /// Takes the ways to authenticate; nil turns one off.
    init(
        serviceKeys: ServiceKeys,
        tokens: TokenVerifier?,
        anonymous: AnonymousCookie?,
        crossSite: CrossSiteGuard
    ) {
        self.serviceKeys = serviceKeys
        self.tokens = tokens
        self.anonymous = anonymous
        self.crossSite = crossSite
    }

    /// Who makes this request.
    ///
    /// A credential that is there but wrong never falls back to an anonymous user.
    ///
    /// - Throws: `HTTPError`: 401 for a missing or wrong credential, 403 for what this caller may not
    ///   do, 400 for a user id that is none, 503 when tokens cannot be verified just now.
    func identify(_ request: HTTPRequest) async throws -> Identity {
        let credentials = request.headers.values(of: "Authorization")
        if !credentials.isEmpty { return try await identify(by: credentials, request) }
        guard let anonymous else { throw Self.missingCredential }
        try refuseNamedUser(request)
        try crossSite.check(request)
        return try anonymous.identity(of: request)
    }

    /// Refuses pages of other sites, whatever secret they show.
    ///
    /// - Throws: `HTTPError` 403.
    func checkOrigin(of request: HTTPRequest) throws(HTTPError) {
        guard request.headers["Origin"] != nil else { return }
        try crossSite.check(request)
    }

    private func identify(by credentials: [String], _ request: HTTPRequest) async throws -> Identity
    {
        guard credentials.count == 1, let credential = Self.bearer(credentials[0]) else {
            throw Self.wrongCredential(nil)
        }
        if try serviceKeys.contains(credential) {
            let userID = try namedUser(request)
            return Identity(userID: userID, kind: .service, setCookie: nil)
        }
        guard let tokens else { throw Self.wrongCredential(nil) }
        let userID: UserID
        do {
            userID = try await tokens.user(of: credential)
        } catch let refusal as TokenVerifier.Refusal {
            throw Self.wrongCredential(refusal)
        } catch let error as RemoteKeySet.Unavailable {
            throw Self.cannotVerify(error)
        }
        try refuseNamedUser(request)
        return Identity(userID: userID, kind: .endUser, setCookie: nil)
    }

    /// The token of RFC 6750, 2.1; the scheme's case does not matter (RFC 9110, 11.1).
    private static func bearer(_ value: String) -> String? {
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let credential = String(parts[1]).trimmed
        return credential.isEmpty ? nil : credential
    }

    private func namedUser(_ request: HTTPRequest) throws -> UserID {
        guard let userID = UserID(request.headers["X-Broker-User"] ?? Self.defaultUser) else {
            throw HTTPError(
                status: 400,
                code: "invalid_value",
                message:
                    "X-Broker-User must be 1 to 256 bytes of UTF-8 without control characters.",
                param: "X-Broker-User"
            )
        }
        return userID
    }

    private func refuseNamedUser(_ request: HTTPRequest) throws {
        guard request.headers["X-Broker-User"] == nil else {
            throw HTTPError(
                status: 403,
                code: "user_not_allowed",
                message: "Only a caller with a service key may name a user in X-Broker-User."
            )
        }
    }

    static let missingCredential = HTTPError(
        status: 401,
        code: "missing_api_key",
        message: "Provide a key or token in the Authorization header: Authorization: Bearer KEY.",
        headers: ["WWW-Authenticate": "Bearer"]
    )

    private static func wrongCredential(_ underlying: (any Error)?) -> HTTPError {
        HTTPError(
            status: 401,
            code: "invalid_api_key",
            message: "The key or token in the Authorization header is not valid.",
            headers: ["WWW-Authenticate": "Bearer error=\"invalid_token\""],
            underlying: underlying
        )
    }

    private static func cannotVerify(_ underlying: any Error) -> HTTPError {
        HTTPError(
            status: 503,
            code: "keys_unavailable",
            message: "Tokens cannot be verified just now: the key set could not be fetched.",
            headers: ["Retry-After": "5"],
            underlying: underlying
        )
    }
}
