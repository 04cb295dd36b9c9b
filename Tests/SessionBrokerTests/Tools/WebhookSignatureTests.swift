import Testing
import WebServer

@testable import SessionBroker

/// Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks.
@Suite struct WebhookSignatureTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func sign(
        _ body: String = #"{"test": 2432232314}"#,
        id: String = "msg_p5jXN8AQM9LWM0D4loKWxJek",
        at timestamp: Int64 = 1_614_265_330
    ) throws -> WebhookSignature {
        try WebhookSignature(
            of: Array(body.utf8),
            id: id,
            timestamp: timestamp,
            secret: try #require(WebhookSecret(Self.secret))
        )
    }

    @Test func `it signs the vector of the reference libraries as they do`() throws {
        let signature = try sign()
        #expect(signature.signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(signature.headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek")
        #expect(signature.headers["webhook-timestamp"] == "1614265330")
        #expect(signature.headers["webhook-signature"] == signature.signature)
    }

    @Test func `another body, id or time has another signature`() throws {
        let all = [
            try sign(), try sign("{}"), try sign(id: "msg_p5jXN8AQM9LWM0D4loKWxJel"),
            try sign(at: 1_614_265_331),
        ]
        #expect(Set(all.map(\.signature)).count == all.count)
    }

    @Test(arguments: ["a.1", "", "a b", "é", "a\r\nX: y", String(repeating: "a", count: 257)])
    func `an id that could shift what is signed is replaced, always alike`(id: String) throws {
        let safe = try sign(id: id).id
        #expect(safe.hasPrefix("call_") && safe.utf8.count == 37)
        #expect(safe == (try sign(id: id).id))
        #expect(safe != (try sign(id: id + ".").id))
    }

    @Test func `an installation's secret is its own, and always the same`() throws {
        let keyring = Keyring(master: .make(1))
        let secret = try WebhookSecret(keyring: keyring).plaintext
        #expect(secret.hasPrefix("whsec_"))
        #expect(Base64.decode(String(secret.dropFirst(6)))?.count == 32)
        #expect(WebhookSecret(secret)?.plaintext == secret)
        #expect(secret == (try WebhookSecret(keyring: keyring).plaintext))
        let other = Keyring(master: .make(2))
        #expect(secret != (try WebhookSecret(keyring: other).plaintext))
        let sealing = try keyring.key(for: .webhookSealing).copy
        #expect(sealing != Base64.decode(String(secret.dropFirst(6))))
    }

    @Test(arguments: [
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_Zm9v", "whsec_!!!!", "whsk_AAAA",
    ])
    func `what is no secret is none`(text: String) {
        #expect(WebhookSecret(text) == nil)
    }

    @Test func `a secret shows nothing of itself`() throws {
        let secret = try #require(WebhookSecret(Self.secret))
        var dumped = ""
        dump([secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
            #expect(text.contains("redacted") && !text.contains("MfKQ"))
            #expect(!text.contains("49"))
        }
    }

    @Test func `a database's secret is that of the file beside it, which must be there`() throws {
        try withTemporaryDirectory { folder in
            let database = folder + "/broker.sqlite"
            #expect(throws: ConfigurationError.self) { try WebhookSecret(ofDatabase: database) }
            #expect(fileNames(in: folder).isEmpty)
            let keyring = try Keyring(loadingOrCreating: database + ".secret")
            let secret = try WebhookSecret(ofDatabase: database)
            #expect(secret.plaintext == (try WebhookSecret(keyring: keyring).plaintext))
        }
    }
}
