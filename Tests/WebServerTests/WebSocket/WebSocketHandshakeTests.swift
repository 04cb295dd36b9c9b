import Testing

@testable import WebServer

@Suite struct WebSocketHandshakeTests {
    private static let upgrade: HTTPHeaders = [
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "keep-alive, Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    ]

    private static func request(
        _ method: HTTPMethod = .get,
        _ changes: [String: String?] = [:]
    ) -> HTTPRequest {
        var headers = upgrade
        for (name, value) in changes { headers[name] = value }
        return .make(method, "/socket", headers: headers)
    }

    @Test func `the accept value is the one of RFC 6455`() throws {
        let handshake = try WebSocketHandshake(Self.request())
        #expect(handshake.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(handshake.responseHeaders["Sec-WebSocket-Accept"] == handshake.accept)
        #expect(handshake.responseHeaders["Sec-WebSocket-Protocol"] == nil)
    }

    @Test func `the client's most preferred known subprotocol is chosen`() throws {
        let request = Self.request(.get, ["Sec-WebSocket-Protocol": "chat, b ,a, key.SECRET"])
        let handshake = try WebSocketHandshake(request, subprotocols: ["a", "b"])
        #expect(handshake.subprotocol == "b")
        #expect(handshake.offeredSubprotocols == ["chat", "b", "a", "key.SECRET"])
        #expect(handshake.responseHeaders["Sec-WebSocket-Protocol"] == "b")
    }

    @Test func `no subprotocol is chosen when none is known`() throws {
        let request = Self.request(.get, ["Sec-WebSocket-Protocol": "A"])
        #expect(try WebSocketHandshake(request, subprotocols: ["a"]).subprotocol == nil)
    }

    @Test(
        arguments: [
            (["Upgrade": nil], WebSocketHandshake.Refusal.notAnUpgrade),
            (["Upgrade": "h2c"], .notAnUpgrade),
            (["Connection": "keep-alive"], .notAnUpgrade),
            (["Sec-WebSocket-Version": "8"], .version),
            (["Sec-WebSocket-Version": nil], .version),
            (["Sec-WebSocket-Key": nil], .key),
            (["Sec-WebSocket-Key": "c2hvcnQ="], .key),
            (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZSE*"], .key),
            (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25 ZQ=="], .key),
        ] as [([String: String?], WebSocketHandshake.Refusal)]
    )
    func `a damaged handshake is refused with its reason`(
        changes: [String: String?],
        refusal: WebSocketHandshake.Refusal
    ) {
        #expect(throws: refusal) { try WebSocketHandshake(Self.request(.get, changes)) }
    }

    @Test func `a handshake must be a GET`() {
        #expect(throws: WebSocketHandshake.Refusal.method) {
            try WebSocketHandshake(Self.request(.post))
        }
    }

    @Test func `a refused version names the one that is spoken`() {
        let error = WebSocketHandshake.Refusal.version.httpError
        #expect(error.status == 426)
        #expect(error.headers["Sec-WebSocket-Version"] == "13")
    }
}
