import Testing

@testable import WebServer

/// Compressed messages among frames (RFC 7692, 6 and 7.2).
@Suite struct WebSocketCompressionTests {
    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

    private func framing(
        _ role: WebSocketFraming.Role,
        limit: Int = 100_000,
        from bytes: Int? = 100
    ) -> WebSocketFraming {
        WebSocketFraming(
            role: role,
            maximumMessageBytes: limit,
            deflate: WebSocketDeflate(offers: ["Sec-WebSocket-Extensions": "permessage-deflate"]),
            compressesFromBytes: bytes
        )
    }

    @Test(arguments: [WebSocketFraming.Role.server, .client])
    func `a long message is sent compressed and read by the other end`(
        role: WebSocketFraming.Role
    ) {
        let sender = framing(role)
        let receiver = framing(role == .server ? .client : .server)
        let text = WebSocketMessage.text(String(repeating: "many words ", count: 1_000))
        for message in [text, .binary(text.bytes), text] {
            sender.send(message)
            let sent = sender.output.removeAll()
            #expect(sent.count < 500)
            #expect(sent[0] & 0x40 != 0)
            #expect(receiver.receive(sent) == [.message(message)])
        }
    }

    @Test func `what is short, or control, or noise is sent as it is`() {
        let server = framing(.server)
        server.send(.text(String(repeating: "a", count: 99)))
        #expect(server.output.removeAll().prefix(2) == [0x81, 99])
        server.ping([UInt8](repeating: 0, count: 125))
        #expect(server.output.removeAll().prefix(2) == [0x89, 125])
        var random = SplitMix(state: 1)
        let noise = (0..<125).map { _ in UInt8.random(in: 0...255, using: &random) }
        server.send(.binary(noise))
        #expect(server.output.removeAll() == [0x82, 125] + noise)
    }

    @Test func `without a length nothing is sent compressed, but all is read`() {
        let server = framing(.server, from: nil)
        server.send(.text(String(repeating: "a", count: 1_000)))
        #expect(server.output.removeAll()[0] == 0x81)
        #expect(server.receive(Frame.masked(0xC1, Self.hello)) == [.message(.text("Hello"))])
    }

    @Test func `a compressed message may come in fragments around a ping`() {
        let frames =
            Frame.masked(0x41, Self.hello.prefix(3)) + Frame.masked(0x89, "p")
            + Frame.masked(0x80, Self.hello.dropFirst(3)) + Frame.masked(0x81, "plain")
        let server = framing(.server)
        #expect(server.receive(frames) == [.message(.text("Hello")), .message(.text("plain"))])
        #expect(server.output.removeAll() == [0x8A, 0x01, 0x70])
    }

    @Test(
        arguments: [
            ("on a continuation", Frame.masked(0x01, "a") + Frame.masked(0xC0, "b")),
            ("on a ping", Frame.masked(0xC9, "p")),
            ("on a close", Frame.masked(0xC8, [0x03, 0xE8])),
            ("another one", Frame.masked(0xA1, "a")),
        ] as [(String, [UInt8])]
    )
    func `the bit where it must not be fails with 1002`(name: String, frames: [UInt8]) {
        #expect(framing(.server).receive(frames) == [.failed(.protocolError)], "\(name)")
    }

    @Test func `the bit without an agreement fails with 1002`() {
        let server = WebSocketFraming(role: .server, maximumMessageBytes: 1_000)
        #expect(server.receive(Frame.masked(0xC1, Self.hello)) == [.failed(.protocolError)])
    }

    @Test func `a message that inflates beyond the limit fails with 1009`() {
        let frame = Frame.masked(0xC1, Self.hello)
        #expect(framing(.server, limit: 7).receive(frame) == [.message(.text("Hello"))])
        let zeros = MessageDeflate.deflated([UInt8](repeating: 0, count: 2_000), windowBits: 15)
        let server = framing(.server, limit: 1_999)
        let frames = Frame.masked(0xC2, zeros ?? []) + Frame.masked(0x81, "behind")
        #expect(server.receive(frames) == [.failed(.messageTooBig)])
        #expect(server.output.removeAll() == [0x88, 0x02, 0x03, 0xF1])
        #expect(server.receive(Frame.masked(0x81, "later")).isEmpty)
    }

    @Test func `damage, and text that is no UTF-8, fail with 1007`() {
        let bytes: [UInt8] = [0xFF] + [UInt8](repeating: 0x61, count: 100)
        let deflated = MessageDeflate.deflated(bytes, windowBits: 15) ?? []
        #expect(
            framing(.server).receive(Frame.masked(0xC2, deflated)) == [.message(.binary(bytes))]
        )
        for payload in [deflated, [0xFF, 0xFF]] {
            #expect(
                framing(.server).receive(Frame.masked(0xC1, payload))
                    == [.failed(.invalidPayload)]
            )
        }
    }
}
