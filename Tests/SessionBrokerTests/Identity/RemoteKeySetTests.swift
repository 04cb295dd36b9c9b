import ContextStore
import Locking
import Testing

@testable import SessionBroker

@Suite struct RemoteKeySetTests {
    @Test func `tokens of elliptic and RSA keys are verified`() async throws {
        let provider = Provider([TokenFixtures.firstKey, TokenFixtures.rsaKey])
        let verifier = await provider.verifier()
        #expect(try await verifier.user(of: TokenFixtures.firstToken) == UserID("ada"))
        #expect(try await verifier.user(of: TokenFixtures.rsaToken) == UserID("cyd"))
        #expect(provider.fetchCount == 1)
    }

    @Test func `a token with a changed signature, or of another's key, is refused`() async throws {
        let renamed = TokenFixtures.secondKey.replacing("second", with: "first")
        let verifier = await Provider([renamed, TokenFixtures.rsaKey]).verifier()
        for token in [TokenFixtures.firstToken, TokenFixtures.rsaToken + "A"] {
            await #expect(throws: TokenVerifier.Refusal.signature) {
                try await verifier.user(of: token)
            }
        }
    }

    @Test func `a new key is fetched when a token names it, at most once a minute`() async throws {
        let provider = Provider([TokenFixtures.firstKey])
        let verifier = await provider.verifier()
        _ = try await verifier.user(of: TokenFixtures.firstToken)
        provider.publish([TokenFixtures.secondKey])
        provider.advance(by: .seconds(59))
        await #expect(throws: TokenVerifier.Refusal.unknownKey) {
            try await verifier.user(of: TokenFixtures.secondToken)
        }
        #expect(provider.fetchCount == 1)
        provider.advance(by: .seconds(1))
        #expect(try await verifier.user(of: TokenFixtures.secondToken) == UserID("bob"))
        #expect(provider.fetchCount == 2)
        await #expect(throws: TokenVerifier.Refusal.unknownKey) {
            try await verifier.user(of: TokenFixtures.firstToken)
        }
        #expect(provider.fetchCount == 2)
    }

    @Test func `many requests at once share a fetch`() async throws {
        let provider = Provider([TokenFixtures.firstKey])
        let verifier = await provider.verifier()
        try await withThrowingTaskGroup(of: UserID.self) { group in
            for _ in 0..<20 {
                group.addTask { try await verifier.user(of: TokenFixtures.firstToken) }
            }
            for try await userID in group { #expect(userID == UserID("ada")) }
        }
        #expect(provider.fetchCount == 1)
    }

    @Test func `old keys stay in use while the provider is down`() async throws {
        let provider = Provider([TokenFixtures.firstKey])
        let verifier = await provider.verifier()
        _ = try await verifier.user(of: TokenFixtures.firstToken)
        provider.publish(nil)
        for _ in 0..<3 {
            provider.advance(by: .seconds(7_200))
            #expect(try await verifier.user(of: TokenFixtures.firstToken) == UserID("ada"))
        }
        await #expect(throws: TokenVerifier.Refusal.unknownKey) {
            try await verifier.user(of: TokenFixtures.secondToken)
        }
    }

    @Test func `without any keys nothing can be said, and the provider is asked every 5 seconds`()
        async throws
    {
        let provider = Provider(nil)
        let verifier = await provider.verifier()
        for _ in 0..<3 {
            await #expect(throws: RemoteKeySet.Unavailable.self) {
                try await verifier.user(of: TokenFixtures.firstToken)
            }
        }
        #expect(provider.fetchCount == 1)
        provider.publish([TokenFixtures.firstKey])
        provider.advance(by: .seconds(5))
        #expect(try await verifier.user(of: TokenFixtures.firstToken) == UserID("ada"))
    }

    @Test(arguments: ["", "[]", "{}", #"{"keys":1}"#])
    func `what is no key set leaves the old one`(text: String) async throws {
        let provider = Provider([TokenFixtures.firstKey])
        let verifier = await provider.verifier()
        _ = try await verifier.user(of: TokenFixtures.firstToken)
        provider.text = text
        provider.advance(by: .seconds(61))
        await #expect(throws: TokenVerifier.Refusal.unknownKey) {
            try await verifier.user(of: TokenFixtures.secondToken)
        }
        #expect(provider.fetchCount == 2)
        #expect(try await verifier.user(of: TokenFixtures.firstToken) == UserID("ada"))
    }

    @Test(arguments: [
        #"{"kty":"oct","kid":"first","k":"AAAA"}"#,
        #"{"kty":"EC","crv":"P-384","kid":"first","x":"AA","y":"AA"}"#,
        #"{"kty":"EC","crv":"P-256","kid":"first","x":"AA","y":"AA"}"#,
        #"{"kty":"EC","crv":"P-256","kid":"first"}"#,
        TokenFixtures.firstKey.replacing(#""use":"sig""#, with: #""use":"enc""#),
        TokenFixtures.firstKey.replacing(#""use":"sig""#, with: #""alg":"ES384""#),
        "1",
    ])
    func `a key that is not for us is passed over, the others count`(key: String) async throws {
        let verifier = await Provider([key, TokenFixtures.rsaKey]).verifier()
        await #expect(throws: TokenVerifier.Refusal.unknownKey) {
            try await verifier.user(of: TokenFixtures.firstToken)
        }
        #expect(try await verifier.user(of: TokenFixtures.rsaToken) == UserID("cyd"))
    }

    @Test func `a token without key id gets the only key of its algorithm`() async throws {
        let one = Provider([TokenFixtures.firstKey, TokenFixtures.rsaKey]).keySet()
        #expect(try await one.key(id: nil, algorithm: "ES256") != nil)
        let two = Provider([TokenFixtures.firstKey, TokenFixtures.secondKey]).keySet()
        #expect(try await two.key(id: nil, algorithm: "ES256") == nil)
    }
}

/// An identity provider with a clock that stands still until it is told.
private final class Provider: Sendable {
    private struct State {
        var text: String?
        var fetchCount = 0
        var now = ContinuousClock.now
    }

    private struct Down: Error {}

    private let state = Mutex(State())

    init(_ keys: [String]?) {
        publish(keys)
    }

    /// Serves these members of the set from now on; nil for a provider that is down.
    func publish(_ keys: [String]?) {
        text = keys.map { #"{"keys":[\#($0.joined(separator: ","))]}"# }
    }

    /// What a fetch gives; nil for a failure.
    var text: String? {
        get { state.withLock { $0.text } }
        set { state.withLock { $0.text = newValue } }
    }

    var fetchCount: Int { state.withLock { $0.fetchCount } }

    func advance(by duration: Duration) {
        state.withLock { $0.now += duration }
    }

    func keySet() -> RemoteKeySet {
        RemoteKeySet(
            fetch: { [self] in
                let text = state.withLock { state in
                    state.fetchCount += 1
                    return state.text
                }
                guard let text else { throw Down() }
                return Array(text.utf8)
            },
            now: { [self] in state.withLock { $0.now } }
        )
    }

    func verifier() async -> TokenVerifier {
        await TokenVerifier(secret: nil, keySet: keySet(), unixSeconds: { 1_800_000_000 })
    }
}
