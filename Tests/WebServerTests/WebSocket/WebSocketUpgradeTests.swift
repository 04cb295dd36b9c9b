import Testing

@testable import WebServer

@Suite(.timeLimit(.minutes(1)))
struct WebSocketUpgradeTests {
    private static let head = """
        GET /socket HTTP/1.1\r
        Host: localhost\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Protocol: realtime\r
        \r

        """

    private func withSockets(_ body: (UInt16) async throws -> Void) async throws {
        let group = EventLoopGroup(count: 1)
        let route = Route(.get, "/socket") { request in
            try WebSocketUpgrade.response(to: request, subprotocols: ["realtime"], on: group) {
                EchoLog(loop: group.next())
            }
        }
        try await withServer([route]) { _, port in
            do {
                try await body(port)
            } catch {
                await group.shutDown(limit: .zero)
                throw error
            }
            await group.shutDown(limit: .seconds(2))
        }
    }

    @Test func `a handshake over HTTP becomes an echoing WebSocket`() async throws {
        try await withSockets { port in
            let client = try RawClient(port: port)
            // The first message comes in the same packet as the handshake.
            client.send(Array(Self.head.utf8) + Frame.masked(0x81, "hello"))
            let answer = await client.read(until: "hello")
            #expect(answer.hasPrefix("HTTP/1.1 101"))
            #expect(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            #expect(answer.contains("Sec-WebSocket-Protocol: realtime\r\n"))
            client.send(Frame.masked(0x88, [0x03, 0xE8]))
            // The close frame's echo, and then the end of the stream.
            #expect(await client.read().utf8.count >= 2)
        }
    }

    @Test func `a plain request to a socket's path is told to upgrade`() async throws {
        try await withSockets { port in
            let client = try RawClient(port: port)
            client.send("GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            let answer = await client.read()
            #expect(answer.hasPrefix("HTTP/1.1 426"))
            #expect(answer.contains("upgrade_required"))
        }
    }
}
