import Testing

@testable import WebServer

@Suite struct WebSocketClientHandshakeTests {
    private static let handshake = WebSocketClientHandshake(key: "dGhlIHNhbXBsZSBub25jZQ==")
    private static let answer: HTTPHeaders = [
        "Upgrade": "WebSocket", "Connection": "keep-alive, upgrade",
        "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ]

    @Test func `a request is one that our own server takes, with another key each time`() throws {
        let (first, second) = (WebSocketClientHandshake(), WebSocketClientHandshake())
        #expect(first.key != second.key)
        let request = HTTPRequest.make(.get, "/", headers: first.requestHeaders)
        #expect(
            try WebSocketHandshake(request).accept == WebSocketHandshake.accept(forKey: first.key)
        )
        #expect(first.requestHeaders["Sec-WebSocket-Extensions"] == nil)
    }

    @Test func `the answer of RFC 6455 is taken`() throws {
        #expect(try Self.handshake.check(Self.answer) == nil)
    }

    @Test(
        arguments: [
            ("Upgrade", nil), ("Upgrade", "h2c"), ("Connection", nil), ("Connection", "close"),
            ("Sec-WebSocket-Accept", nil), ("Sec-WebSocket-Accept", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Protocol", "realtime"),
            ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ] as [(String, String?)]
    )
    func `an answer that is wrong in one field is refused`(name: String, value: String?) {
        var answer = Self.answer
        answer[name] = value
        #expect(throws: WebSocketClientHandshake.Refusal.self) {
            try Self.handshake.check(answer)
        }
    }

    @Test func `an accept value that comes twice is refused`() {
        var answer = Self.answer
        answer.add("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(throws: WebSocketClientHandshake.Refusal.self) {
            try Self.handshake.check(answer)
        }
    }

    @Test func `compression is agreed on when both ends want it`() throws {
        let client = WebSocketClientHandshake(offersDeflate: true)
        let request = HTTPRequest.make(.get, "/", headers: client.requestHeaders)
        let server = try WebSocketHandshake(request, allowsDeflate: true)
        var answer = server.responseHeaders
        answer["Connection"] = "Upgrade"
        #expect(try client.check(answer) != nil)
        answer["Sec-WebSocket-Extensions"] = nil
        #expect(try client.check(answer) == nil)
    }
}
