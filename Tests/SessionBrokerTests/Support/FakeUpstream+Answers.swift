import WebServer

extension [FakeUpstream.Step] {
    /// A whole answer with a body of text.
    static func answer(
        _ status: Int,
        _ body: String = "",
        headers: [String] = ["Content-Type: application/json"]
    ) -> [FakeUpstream.Step] {
        let lines =
            ["HTTP/1.1 \(status) Status"] + headers + [
                "Content-Length: \(body.utf8.count)", "", body,
            ]
        return [.send([UInt8](lines.joined(separator: "\r\n").utf8))]
    }

    /// A 101 that answers an opening handshake, and bytes right behind it.
    static func upgrade(
        _ request: FakeUpstream.Request,
        then bytes: [UInt8] = []
    ) -> [FakeUpstream.Step] {
        let accept = WebSocketHandshake.accept(forKey: request.headers["Sec-WebSocket-Key"] ?? "")
        let head =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(accept)\r\n\r\n"
        return [.send([UInt8](head.utf8) + bytes)]
    }

    /// Any bytes, then the end of the connection.
    static func raw(_ text: String) -> [FakeUpstream.Step] {
        [.send([UInt8](text.utf8)), .close]
    }
}

/// Runs a client against a fake server, and ends both.
@discardableResult
func withFakeUpstream<Result>(
    tls: FakeTLS? = nil,
    _ script: @escaping FakeUpstream.Script,
    _ body: (FakeUpstream) async throws -> Result
) async throws -> Result {
    let upstream = try FakeUpstream(tls: tls, script)
    defer { upstream.stop() }
    return try await body(upstream)
}
