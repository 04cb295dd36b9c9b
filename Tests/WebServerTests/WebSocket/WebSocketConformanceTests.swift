import Testing

@testable import WebServer

/// What RFC 6455 demands of the receiver of frames, case by case as conformance suites have them.
@Suite struct WebSocketConformanceTests {
    private func server(limit: Int = 1_024) -> WebSocketFraming {
        WebSocketFraming(role: .server, maximumMessageBytes: limit)
    }

    // MARK: Frames (5.2)

    @Test(
        arguments: [0x10, 0x20, 0x30, 0x40, 0x70] as [UInt8],
        [0x81, 0x82, 0x89, 0x88] as [UInt8]
    )
    func `reserved bits fail with 1002 on every frame`(bits: UInt8, first: UInt8) {
        #expect(server().receive(Frame.masked(first | bits, "")) == [.failed(.protocolError)])
    }

    @Test(arguments: [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF] as [UInt8])
    func `reserved opcodes fail with 1002, with or without payload`(opcode: UInt8) {
        for payload in ["", "payload"] {
            let frames = Frame.masked(0x80 | opcode, payload) + Frame.masked(0x81, "behind")
            #expect(server().receive(frames) == [.failed(.protocolError)])
        }
    }

    @Test func `what comes before a violation is delivered, nothing behind it`() {
        let frames =
            Frame.masked(0x81, "before") + Frame.masked(0x83, "") + Frame.masked(0x81, "behind")
        let server = server()
        #expect(server.receive(frames) == [.message(.text("before")), .failed(.protocolError)])
        #expect(server.receive(Frame.masked(0x81, "later")).isEmpty)
    }

    @Test func `a length that is longer than its form needs fails`() {
        let mask: [UInt8] = [0, 0, 0, 0]
        for length: [UInt8] in [[0xFE, 0, 1], [0xFF, 0, 0, 0, 0, 0, 0, 0, 1]] {
            #expect(server().receive([0x82] + length + mask + [0]) == [.failed(.protocolError)])
        }
        // The highest bit of a length of 64 bits must be 0.
        let endless: [UInt8] = [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0] + mask
        #expect(server().receive(endless) == [.failed(.protocolError)])
    }

    @Test func `16 MiB are taken and a byte more is refused before it has come`() {
        let limit = WebSocketConfiguration().maximumMessageBytes
        let client = WebSocketFraming(role: .client, maximumMessageBytes: 1)
        let whole = WebSocketMessage.binary([UInt8](repeating: 0x61, count: limit))
        client.send(whole)
        #expect(server(limit: limit).receive(client.output.removeAll()) == [.message(whole)])
        let head: [UInt8] = [0x82, 0xFF, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0]
        #expect(server(limit: limit).receive(head + [0]) == [.failed(.messageTooBig)])
    }

    // MARK: Fragments (5.4)

    @Test func `a message may have empty fragments, and be empty altogether`() {
        let empty = Frame.masked(0x01, "") + Frame.masked(0x00, "") + Frame.masked(0x80, "")
        #expect(server().receive(empty) == [.message(.text(""))])
        let some = Frame.masked(0x02, "") + Frame.masked(0x00, "a") + Frame.masked(0x80, "")
        #expect(server().receive(some) == [.message(.binary([0x61]))])
    }

    @Test func `pings between fragments are answered in order, at once`() {
        let server = server()
        #expect(server.receive(Frame.masked(0x01, "one ") + Frame.masked(0x89, "1")).isEmpty)
        #expect(server.output.removeAll() == [0x8A, 1, 0x31])
        #expect(server.receive(Frame.masked(0x00, "two ") + Frame.masked(0x89, "2")).isEmpty)
        #expect(server.output.removeAll() == [0x8A, 1, 0x32])
        #expect(server.receive(Frame.masked(0x80, "three")) == [.message(.text("one two three"))])
    }

    // MARK: Control frames (5.5)

    @Test func `a ping has 125 bytes at most, and all of them come back`() {
        let server = server()
        let payload = [UInt8](repeating: 0xFE, count: 125)
        #expect(server.receive(Frame.masked(0x89, payload)).isEmpty)
        #expect(server.output.removeAll() == [0x8A, 125] + payload)
        for first: UInt8 in [0x88, 0x89, 0x8A] {
            let long = Frame.masked(first, [UInt8](repeating: 0x61, count: 126))
            #expect(self.server().receive(long) == [.failed(.protocolError)])
        }
    }

    @Test func `pongs that nobody asked for are no reason to fail`() {
        let server = server()
        #expect(server.receive(Frame.masked(0x8A, "x") + Frame.masked(0x8A, "")) == [.pong, .pong])
        #expect(server.output.isEmpty)
    }

    @Test(
        arguments: [
            0, 1, 999, 1_004, 1_005, 1_006, 1_015, 1_016, 1_100, 2_000, 2_999, 5_000, 65_535,
        ] as [UInt16]
    )
    func `a close code that may not be sent fails with 1002`(code: UInt16) {
        let server = server()
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        #expect(server.receive(Frame.masked(0x88, payload)) == [.failed(.protocolError)])
        #expect(server.output.removeAll() == [0x88, 2, 0x03, 0xEA])
    }

    @Test(
        arguments: [
            1_000, 1_001, 1_002, 1_003, 1_007, 1_008, 1_009, 1_010, 1_011, 3_000, 3_999, 4_000,
            4_999,
        ] as [UInt16]
    )
    func `a close code that may be sent is echoed`(code: UInt16) {
        let server = server()
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        let closed = WebSocketFraming.Event.closed(WebSocketCloseCode(rawValue: code), reason: "")
        #expect(server.receive(Frame.masked(0x88, payload) + Frame.masked(0x89, "")) == [closed])
        #expect(server.output.removeAll() == [0x88, 2] + payload)
    }

    @Test func `half a close code fails, and so does a reason that is no UTF-8`() {
        #expect(server().receive(Frame.masked(0x88, [0x03])) == [.failed(.protocolError)])
        let damaged: [UInt8] = [0x03, 0xE8, 0xCE, 0xBA, 0xED, 0xA0, 0x80]
        #expect(server().receive(Frame.masked(0x88, damaged)) == [.failed(.invalidPayload)])
    }

    @Test func `a close frame is judged as a whole, in whatever pieces it comes`() {
        let goodbye: [UInt8] = [0x0F, 0xA0] + Array("grüß Gott κόσμε".utf8)
        let cases: [([UInt8], WebSocketFraming.Event)] = [
            (goodbye, .closed(4_000, reason: "grüß Gott κόσμε")),
            ([0x03, 0xE8, 0xCE, 0xBA, 0xED, 0xA0, 0x80], .failed(.invalidPayload)),
        ]
        for (payload, event) in cases {
            let stream =
                Frame.masked(0x01, "one ")
                + Frame.masked(0x80, [UInt8](repeating: 0x61, count: 300))
                + Frame.masked(0x88, payload)
            let message = WebSocketFraming.Event.message(
                .text("one " + String(repeating: "a", count: 300))
            )
            for size in 1...stream.count {
                let server = server()
                let events = stride(from: 0, to: stream.count, by: size).flatMap {
                    server.receive(Array(stream[$0..<min($0 + size, stream.count)]))
                }
                #expect(events == [message, event])
            }
        }
    }

    // MARK: UTF-8 (8.1)

    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC3], [0xE0, 0x80, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xFF],
        ] as [[UInt8]]
    )
    func `text that is no UTF-8 fails with 1007`(bytes: [UInt8]) {
        let payload = Array("ok ".utf8) + bytes
        #expect(server().receive(Frame.masked(0x81, payload)) == [.failed(.invalidPayload)])
        let pieces = payload.enumerated().flatMap { index, byte in
            Frame.masked(index == 0 ? 0x01 : index == payload.count - 1 ? 0x80 : 0x00, [byte])
        }
        #expect(server().receive(pieces) == [.failed(.invalidPayload)])
        #expect(server().receive(Frame.masked(0x82, payload)) == [.message(.binary(payload))])
    }

    @Test func `damage is told before the message is whole`() {
        let frames = Frame.masked(0x01, [0xCE, 0xBA, 0xED, 0xA0, 0x80])
        #expect(server().receive(frames) == [.failed(.invalidPayload)])
    }

    @Test(arguments: ["\u{0}", "\u{7FF}", "\u{FFFF}", "\u{10FFFF}", "\u{FEFF}a", "κόσμε"])
    func `text at the edges of UTF-8 is taken`(text: String) {
        let bytes = Array(text.utf8)
        #expect(server().receive(Frame.masked(0x81, bytes)) == [.message(.text(bytes))])
    }
}
