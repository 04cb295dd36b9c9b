import ContextStore
import Testing

@testable import SessionBroker

@Suite struct TokenVerifierTests {
    private static let now: Int64 = 1_800_000_000
    private static let hs256 = #"{"alg":"HS256"}"#

    @Test(arguments: [
        #"{"sub":"ada","exp":1900000000}"#,
        #"{"sub":"ada","exp":1800000001,"nbf":1800000030,"aud":["x"],"iat":1}"#,
        #"{"sub":"ada","exp":1800000000.5}"#, #"{"sub":"ada"}"#,
    ])
    func `a token with the shared secret is its subject's`(payload: String) async throws {
        let token = try SharedSecretToken(payload: payload).signed()
        #expect(try await verifier().user(of: token) == UserID("ada"))
    }

    @Test(
        arguments: [
            (hs256, #"{"sub":"ada","exp":1800000000}"#, .expired),
            (hs256, #"{"sub":"ada","exp":1}"#, .expired),
            (hs256, #"{"sub":"ada","exp":1900000000,"nbf":1800000031}"#, .notYetValid),
            (hs256, #"{"exp":1900000000}"#, .subject),
            (hs256, #"{"exp":1900000000,"sub":""}"#, .subject),
            (hs256, "{\"exp\":1900000000,\"sub\":\"a\\u0007\"}", .subject),
            (hs256, #"{"sub":1}"#, .malformed),
            (hs256, #"{"sub":"ada","exp":"soon"}"#, .malformed),
            (hs256, "nonsense", .malformed),
            ("nonsense", #"{"sub":"ada"}"#, .malformed),
            (#"{}"#, #"{"sub":"ada"}"#, .algorithm),
            (#"{"alg":"none"}"#, #"{"sub":"ada"}"#, .algorithm),
            (#"{"alg":"hs256"}"#, #"{"sub":"ada"}"#, .algorithm),
            (#"{"alg":"HS384"}"#, #"{"sub":"ada"}"#, .algorithm),
            (#"{"alg":"RS256"}"#, #"{"sub":"ada"}"#, .algorithm),
            (#"{"alg":"HS256","crit":["exp"]}"#, #"{"sub":"ada"}"#, .algorithm),
            (#"{"alg":"HS256","crit":"x"}"#, #"{"sub":"ada"}"#, .algorithm),
        ] as [(String, String, TokenVerifier.Refusal)]
    )
    func `a token that is signed but not good is refused`(
        header: String,
        payload: String,
        refusal: TokenVerifier.Refusal
    ) async throws {
        let token = try SharedSecretToken(header: header, payload: payload).signed()
        await #expect(throws: refusal) { try await verifier().user(of: token) }
    }

    @Test func `another secret, a changed payload and a missing signature are refused`()
        async throws
    {
        let verifier = await verifier()
        var token = SharedSecretToken(payload: #"{"sub":"ada"}"#)
        let good = try token.signed().split(separator: ".").map(String.init)
        token.secret = "ffffffffffffffffffffffffffffffff"
        let payload = base64URL(Array(#"{"sub":"bob"}"#.utf8))
        for bad in [
            try token.signed(), "\(good[0]).\(payload).\(good[2])", "\(good[0]).\(good[1]).",
        ] {
            await #expect(throws: TokenVerifier.Refusal.signature) {
                try await verifier.user(of: bad)
            }
        }
    }

    @Test(arguments: ["", "a", "a.b", "a.b.c", "a.b.c.d", "..", "ä.ö.ü"])
    func `what is no token is refused`(text: String) async {
        await #expect(throws: TokenVerifier.Refusal.malformed) {
            try await verifier().user(of: text)
        }
    }

    @Test func `a public key is no shared secret`() async throws {
        // The classic confusion: HS256 over the published key, where only public keys are expected.
        let keySet = RemoteKeySet(fetch: { Array(#"{"keys":[\#(TokenFixtures.rsaKey)]}"#.utf8) })
        let verifier = await TokenVerifier(secret: nil, keySet: keySet)
        let token = try SharedSecretToken(
            header: #"{"alg":"HS256","kid":"rsa"}"#,
            payload: #"{"sub":"ada"}"#
        ).signed()
        await #expect(throws: TokenVerifier.Refusal.algorithm) {
            try await verifier.user(of: token)
        }
    }

    @Test(
        arguments: [
            (#""aud":"broker","iss":"shop""#, nil), (#""aud":["x","broker"],"iss":"shop""#, nil),
            (#""aud":"other","iss":"shop""#, .audience), (#""iss":"shop""#, .audience),
            (#""aud":"broker""#, .issuer), (#""aud":"broker","iss":"bank""#, .issuer),
        ] as [(String, TokenVerifier.Refusal?)]
    )
    func `a token for or from somebody else is refused`(
        claims: String,
        refusal: TokenVerifier.Refusal?
    ) async throws {
        let payload = "{\"sub\":\"ada\",\"exp\":1900000000,\(claims)}"
        let token = try SharedSecretToken(payload: payload).signed()
        let verifier = await verifier(.init(audience: "broker", issuer: "shop"))
        var found: TokenVerifier.Refusal?
        do {
            #expect(try await verifier.user(of: token) == UserID("ada"))
        } catch let error as TokenVerifier.Refusal {
            found = error
        }
        #expect(found == refusal)
    }

    private func verifier(
        _ requirements: TokenVerifier.Requirements = .init()
    ) async -> TokenVerifier {
        await TokenVerifier(
            secret: SharedSecretToken.secret,
            keySet: nil,
            requirements: requirements,
            unixSeconds: { Self.now }
        )
    }
}
