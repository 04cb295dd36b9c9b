import ContextStore
import Testing

@testable import SessionBroker

@Suite struct ListenPolicyTests {
    @Test(arguments: ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"])
    func `on loopback anonymous users are let in unless that is turned off`(host: String) throws {
        #expect(try allows(host))
        #expect(try allows(host, anonymous: true))
        #expect(try !allows(host, anonymous: false))
        #expect(try !allows(host, hasKeys: true, anonymous: false))
    }

    @Test(arguments: [
        "0.0.0.0", "::", "", "192.168.0.1", "example.com", "2001:db8::1", "128.0.0.1",
    ])
    func `elsewhere some way to authenticate is needed`(host: String) throws {
        for anonymous in [nil, false] {
            #expect(throws: ListenPolicy.Refusal(host: host)) {
                try allows(host, anonymous: anonymous)
            }
            #expect(try !allows(host, hasKeys: true, anonymous: anonymous))
            #expect(try !allows(host, verifiesTokens: true, anonymous: anonymous))
        }
        #expect(try allows(host, anonymous: true))
    }

    @Test func `the refusal names every setting that would help`() {
        let text = ListenPolicy.Refusal(host: "0.0.0.0").description
        for name in [
            "0.0.0.0", "BROKER_API_KEYS", "BROKER_JWT_SECRET", "BROKER_JWKS_URL",
            "BROKER_ANONYMOUS=on",
        ] {
            #expect(text.contains(name))
        }
    }

    private func allows(
        _ host: String,
        hasKeys: Bool = false,
        verifiesTokens: Bool = false,
        anonymous: Bool? = nil
    ) throws -> Bool {
        try ListenPolicy.allowsAnonymous(
            host: host,
            hasServiceKeys: hasKeys,
            verifiesTokens: verifiesTokens,
            anonymous: anonymous
        )
    }
}
