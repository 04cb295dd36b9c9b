internal import ContextStore
internal import Logging
internal import WebServer

// How the broker's parts are made from its configuration.

extension Broker {
    static func upstream(
        _ configuration: Configuration,
        _ simulator: SimulatedUpstream?,
        _ client: HTTPClient
    ) throws -> OpenAIClient {
        let key = simulator?.key ?? configuration.upstreamKey
        guard let key else {
            throw ConfigurationError("\(Setting.upstreamKey.rawValue) is missing")
        }
        let base: UpstreamURL
        do {
            base = try UpstreamURL(simulator?.baseURL ?? configuration.upstreamURL)
        } catch {
            throw ConfigurationError("\(Setting.upstreamURL.rawValue) cannot be used: \(error)")
        }
        return OpenAIClient(
            base: base,
            key: key,
            http: client,
            timeout: configuration.upstreamTimeout
        )
    }

    private static func tokenVerifier(
        _ identity: IdentityConfiguration,
        _ keySet: RemoteKeySet?
    ) async -> TokenVerifier {
        await TokenVerifier(
            secret: identity.jwtSecret,
            keySet: keySet,
            requirements: TokenVerifier.Requirements(
                audience: identity.jwtAudience,
                issuer: identity.jwtIssuer
            )
        )
    }

    static func authenticator(
        _ configuration: Configuration,
        _ keyring: Keyring,
        _ client: HTTPClient
    ) async throws -> Authenticator {
        let identity = configuration.identity
        let serviceKeys = try ServiceKeys(identity.serviceKeys)
        let verifiesTokens = identity.jwtSecret != nil || identity.jwksURL != nil
        let allowsAnonymous = try ListenPolicy.allowsAnonymous(
            host: configuration.host,
            hasServiceKeys: !serviceKeys.isEmpty,
            verifiesTokens: verifiesTokens,
            anonymous: identity.allowsAnonymous
        )
        let keySet = identity.jwksURL.map { url in
            RemoteKeySet { try await Self.keySet(at: url, client) }
        }
        return Authenticator(
            serviceKeys: serviceKeys,
            tokens: verifiesTokens ? await Self.tokenVerifier(identity, keySet) : nil,
            anonymous: allowsAnonymous ? try AnonymousCookie(keyring: keyring) : nil,
            crossSite: CrossSiteGuard(
                cors: CORSPolicy(allowedOrigins: configuration.allowedOrigins),
                isOnLoopback: LoopbackName.matches(configuration.host)
            )
        )
    }

    /// What calls the tools of agents and sessions; it is to be shut down with the broker.
    static func webhooks(
        _ configuration: Configuration,
        _ keyring: Keyring
    ) throws -> WebhookClient {
        try WebhookClient(
            secret: WebhookSecret(keyring: keyring),
            allowsPrivate: configuration.allowsPrivateWebhooks
        )
    }

    private struct KeySetStatus: Error {
        let status: Int
    }

    private static func keySet(at url: String, _ client: HTTPClient) async throws -> [UInt8] {
        let request = OutgoingRequest(.get, url, timeout: .seconds(10), isSafeToRepeat: true)
        let response = try await client.send(request)
        guard response.status == 200 else { throw KeySetStatus(status: response.status) }
        return response.body
    }

    /// The routes, and what stands around them.
    static func application(
        _ routes: [Route],
        _ configuration: Configuration,
        upstreamURL: String,
        logger: Logger
    ) -> HTTPApplication {
        let page = StaticFiles(root: configuration.publicFolder)
        let policy = ContentSecurityPolicy.header(upstream: upstreamURL)
        return HTTPApplication(
            router: Router(routes),
            fallback: { request in
                var response = try page.respond(to: request)
                response.headers["Content-Security-Policy"] = policy
                return response
            },
            cors: CORSPolicy(allowedOrigins: configuration.allowedOrigins),
            commonHeaders: [
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
            ],
            renderError: BrokerError.render,
            observeError: { error, request in log(error, request, to: logger) }
        )
    }

    static func serverConfiguration(_ configuration: Configuration) -> HTTPServer.Configuration {
        var server = HTTPServer.Configuration()
        server.host = configuration.host
        server.port = configuration.port
        server.tls = configuration.tls.map { .init(certificate: $0.certificate, key: $0.key) }
        server.threads = configuration.threads
        server.bodyLimitBytes = configuration.maximumBodyBytes
        server.discardLimitBytes = max(4 * configuration.maximumBodyBytes, 64 * 1_024 * 1_024)
        server.bodyMemoryLimitBytes = max(32 * configuration.maximumBodyBytes, 512 * 1_024 * 1_024)
        server.bodyDeadline = configuration.bodyTimeout
        // A handler waits for upstream and for the database; its deadline comes after theirs.
        server.handlerDeadline =
            configuration.upstreamTimeout + configuration.busyTimeout + .seconds(10)
        server.logsAccess = configuration.logsAccess
        return server
    }

    /// Our failures with all of their detail, under the request's id; refusals without noise.
    private static func log(_ error: HTTPError, _ request: HTTPRequest, to logger: Logger) {
        let metadata: Logger.Metadata = [
            "request_id": .string(request.id),
            "status": .string(String(error.status)),
            "code": .string(error.code),
            "cause": .string(error.underlying.map { "\($0)" } ?? "-"),
        ]
        if error.status >= 500 {
            logger.error("request failed", metadata: metadata)
        } else {
            logger.debug("request refused", metadata: metadata)
        }
    }
}
