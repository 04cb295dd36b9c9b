import Testing

@testable import SessionBroker

@Suite struct UpstreamKeyTests {
    @Test func `a key shows nothing of itself, however it is printed`() throws {
        let key = try #require(UpstreamKey("sk-very-secret-0123456789"))
        let secret = ClientSecret(plaintext: "ek_very-secret")
        var dumped = ""
        dump((key, secret), to: &dumped)
        let texts = [
            "\(key) \(secret)", String(reflecting: key), String(describing: [key]), dumped,
            "\(Optional(key) as Any)", String(reflecting: [secret]),
        ]
        for text in texts {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("secret-"))
            #expect(!text.contains("very"))
        }
    }

    @Test func `white space around a key is not the key's`() throws {
        let key = try #require(UpstreamKey(" \tsk-1\r\n"))
        #expect(key.authorization == "Bearer sk-1")
    }

    @Test(arguments: ["", " \n", "sk 1", "sk\n1", "sk-ä", "sk-1\0"])
    func `what cannot stand in a header field is no key`(text: String) {
        #expect(UpstreamKey(text) == nil)
    }
}

@Suite struct UpstreamURLTests {
    @Test(arguments: [
        ("https://api.openai.com/v1", "https://api.openai.com/v1", 443),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1", 443),
        ("HTTPS://API.example:443/v1//", "https://API.example/v1", 443),
        ("https://api.openai.com:8443", "https://api.openai.com:8443", 8_443),
        ("http://127.0.0.1:8090/v1", "http://127.0.0.1:8090/v1", 8_090),
        ("http://[::1]:80/a/b/", "http://[::1]/a/b", 80),
    ])
    func `a base URL has one form`(text: String, expected: String, port: Int) throws {
        let url = try UpstreamURL(text)
        #expect(url.description == expected)
        #expect(url.port == port)
    }

    @Test(arguments: [
        "", "api.openai.com/v1", "/v1", "ftp://a/v1", "file:///v1", "https://", "https:///v1",
        "https://u:p@a/v1", "https://u@a/v1", "https://a/v1?x=1", "https://a/v1#x",
        "https://a b/v1", "https://a:99999/v1",
    ])
    func `what is not the URL of an API is refused`(text: String) {
        #expect(throws: UpstreamURL.ParsingError.self) { try UpstreamURL(text) }
    }

    @Test func `the endpoints follow from it`() throws {
        let secure = try UpstreamURL("https://api.openai.com/v1/")
        #expect(
            secure.clientSecretsURL == "https://api.openai.com/v1/realtime/client_secrets"
        )
        #expect(secure.callsURL == "https://api.openai.com/v1/realtime/calls")
        #expect(
            secure.webSocketURL(.session(model: "gpt-realtime-2.1"))
                == "wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1"
        )
        let plain = try UpstreamURL("http://127.0.0.1:8090")
        #expect(plain.authority == "127.0.0.1:8090")
        #expect(
            plain.webSocketURL(.session(model: "a&b=c ü"))
                == "ws://127.0.0.1:8090/realtime?model=a%26b%3Dc%20%C3%BC"
        )
    }
}
