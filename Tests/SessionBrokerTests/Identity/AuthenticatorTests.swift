import ContextStore
import Testing
import WebServer

@testable import SessionBroker

@Suite struct AuthenticatorTests {
    @Test(
        arguments: [
            (nil, "default"), ("ada", "ada"), ("a b@c.d", "a b@c.d"),
            (String(repeating: "x", count: 256), String(repeating: "x", count: 256)),
        ] as [(String?, String)]
    )
    func `a service key acts for the user it names`(named: String?, user: String) async throws {
        for key in ["sk-service-1", "sk-service-2"] {
            for scheme in ["Bearer", "bearer"] {
                var request = HTTPRequest.make(headers: ["Authorization": "\(scheme) \(key)"])
                request.headers["X-Broker-User"] = named
                let identity = try await authenticator().identify(request)
                #expect(identity.userID.description == user)
                #expect(identity.kind == .service)
                #expect(identity.setCookie == nil)
            }
        }
    }

    @Test(arguments: ["", "a\u{7}b", String(repeating: "x", count: 257)])
    func `a user id that is none is refused`(named: String) async throws {
        let request = HTTPRequest.make(
            headers: ["Authorization": "Bearer sk-service-1", "X-Broker-User": named]
        )
        let error = await failure(of: request)
        #expect(error?.status == 400)
        #expect(error?.param == "X-Broker-User")
    }

    @Test(arguments: [
        "Bearer wrong", "Bearer sk-service-", "Bearer sk-service-11", "Bearer", "Bearer ", "",
        "Basic sk-service-1", "sk-service-1", "Bearer a.b.c", "Bearer sk-service-1 x",
    ])
    func `a wrong credential is refused, also where anonymous users are let in`(
        credential: String
    ) async throws {
        let cookie = try #require(try await authenticator().identify(.make()).setCookie)
        let request = HTTPRequest.make(
            headers: ["Authorization": credential, "Cookie": cookie]
        )
        let error = await failure(of: request)
        #expect(error?.status == 401)
        #expect(error?.type == "authentication_error")
        #expect(error?.code == "invalid_api_key")
        #expect(error?.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
        if !credential.isEmpty { #expect(error?.message.contains(credential) == false) }
    }

    @Test func `two credentials are refused`() async throws {
        var request = HTTPRequest.make(headers: ["Authorization": "Bearer sk-service-1"])
        request.headers.add("Authorization", "Bearer sk-service-1")
        #expect(await failure(of: request)?.status == 401)
    }

    @Test func `a token is its subject's, who may name nobody else`() async throws {
        let token = try SharedSecretToken(payload: #"{"sub":"ada","exp":4102444800}"#).signed()
        var request = HTTPRequest.make(.post, headers: ["Authorization": "Bearer \(token)"])
        let identity = try await authenticator().identify(request)
        #expect(identity.userID == UserID("ada"))
        #expect(identity.kind == .endUser)
        #expect(identity.setCookie == nil)
        request.headers["X-Broker-User"] = "bob"
        let error = await failure(of: request)
        #expect(error?.status == 403)
        #expect(error?.type == "permission_error")
    }

    @Test func `an expired token is a wrong credential`() async throws {
        let token = try SharedSecretToken(payload: #"{"sub":"ada","exp":1}"#).signed()
        let error = await failure(of: .make(headers: ["Authorization": "Bearer \(token)"]))
        #expect(error?.status == 401)
        #expect(error?.code == "invalid_api_key")
    }

    @Test func `while no key set can be fetched a token is a 503, not a 401`() async throws {
        struct Down: Error {}
        let keySet = RemoteKeySet(fetch: { throw Down() })
        let tokens = await TokenVerifier(secret: nil, keySet: keySet)
        let authenticator = try await authenticator(tokens: tokens)
        let request = HTTPRequest.make(
            headers: ["Authorization": "Bearer \(TokenFixtures.firstToken)"]
        )
        let error = await #expect(throws: HTTPError.self) {
            try await authenticator.identify(request)
        }
        #expect(error?.status == 503)
        #expect(error?.type == "server_error")
        #expect(error?.headers["Retry-After"] == "5")
    }

    @Test func `nobody is let in without a credential where anonymous users are not`()
        async throws
    {
        let authenticator = try await authenticator(allowsAnonymous: false)
        let error = await #expect(throws: HTTPError.self) {
            try await authenticator.identify(.make())
        }
        #expect(error?.status == 401)
        #expect(error?.type == "authentication_error")
        #expect(error?.headers["WWW-Authenticate"] == "Bearer")
    }

    @Test func `an anonymous browser may not name a user`() async throws {
        #expect(await failure(of: .make(headers: ["X-Broker-User": "ada"]))?.status == 403)
    }

    @Test func `an anonymous browser is protected from other sites, a server is not hindered`()
        async throws
    {
        var request = HTTPRequest.make(.post, headers: ["Origin": "https://evil.example"])
        #expect(await failure(of: request)?.status == 403)
        request.headers["Authorization"] = "Bearer sk-service-1"
        #expect(try await authenticator().identify(request).kind == .service)
    }

    // MARK: Helpers

    private func authenticator(
        tokens: TokenVerifier? = nil,
        allowsAnonymous: Bool = true
    ) async throws -> Authenticator {
        let shared = await TokenVerifier(
            secret: SharedSecretToken.secret,
            keySet: nil,
            unixSeconds: { 1_800_000_000 }
        )
        return Authenticator(
            serviceKeys: try ServiceKeys(["sk-service-1", "sk-service-2"]),
            tokens: tokens ?? shared,
            anonymous: allowsAnonymous
                ? try AnonymousCookie(keyring: Keyring(master: .make(1))) : nil,
            crossSite: CrossSiteGuard(cors: .sameOrigin, isOnLoopback: true)
        )
    }

    private func failure(of request: HTTPRequest) async -> HTTPError? {
        await #expect(throws: HTTPError.self) { try await authenticator().identify(request) }
    }
}
