import Testing

@testable import WebServer

@Suite struct WebSocketDeflateTests {
    private static let plainAnswer =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    // MARK: Agreeing

    @Test(
        arguments: [
            ("permessage-deflate", plainAnswer),
            ("permessage-deflate; client_max_window_bits", plainAnswer),
            ("Permessage-Deflate; client_max_window_bits=10", plainAnswer),
            (plainAnswer, plainAnswer),
            ("x-webkit-deflate-frame, permessage-deflate", plainAnswer),
            (
                "permessage-deflate; server_max_window_bits=9",
                plainAnswer + "; server_max_window_bits=9"
            ),
            (
                "permessage-deflate; server_max_window_bits=\"10\"",
                plainAnswer + "; server_max_window_bits=10"
            ),
            // The first offer cannot be kept, the second can.
            (
                "permessage-deflate; server_max_window_bits=8, permessage-deflate",
                plainAnswer
            ),
            ("permessage-deflate; server_max_window_bits=8", nil),
            ("permessage-deflate; server_max_window_bits", nil),
            ("permessage-deflate; server_max_window_bits=16", nil),
            ("permessage-deflate; server_max_window_bits=010", nil),
            ("permessage-deflate; client_max_window_bits=7", nil),
            ("permessage-deflate; server_no_context_takeover=1", nil),
            ("permessage-deflate; client_max_window_bits; client_max_window_bits", nil),
            ("permessage-deflate; unknown", nil),
            ("permessage-deflate;", nil),
            ("", nil),
        ] as [(String, String?)]
    )
    func `a server takes the first offer that it can keep`(offer: String, answer: String?) throws {
        #expect(
            WebSocketDeflate(offers: ["Sec-WebSocket-Extensions": offer])?.answer == answer,
            "\(offer)"
        )
    }

    @Test func `a server takes no offer unless it is told to`() throws {
        let request = HTTPRequest.make(
            .get,
            "/socket",
            headers: [
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Extensions": "permessage-deflate",
            ]
        )
        let reserved = try WebSocketHandshake(request)
        #expect(reserved.responseHeaders["Sec-WebSocket-Extensions"] == nil)
        let open = try WebSocketHandshake(request, allowsDeflate: true)
        #expect(open.responseHeaders["Sec-WebSocket-Extensions"] == Self.plainAnswer)
    }

    @Test(
        arguments: [
            (plainAnswer, true),
            ("permessage-deflate; server_no_context_takeover", true),
            (plainAnswer + "; server_max_window_bits=8", true),
            ("permessage-deflate", false),
            (plainAnswer + "; client_max_window_bits=10", false),
            (plainAnswer + "; server_max_window_bits=20", false),
            (plainAnswer + ", " + plainAnswer, false),
            ("x-webkit-deflate-frame", false),
        ]
    )
    func `a client takes an answer to its own offer only`(answer: String, isTaken: Bool) {
        let deflate = WebSocketDeflate(answer: ["Sec-WebSocket-Extensions": answer])
        #expect((deflate != nil) == isTaken, "\(answer)")
    }

    // MARK: Messages

    /// The examples of RFC 7692, 7.2.3, all of them "Hello".
    @Test(
        arguments: [
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
            [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
            [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
        ] as [[UInt8]]
    )
    func `the examples of the RFC are inflated`(bytes: [UInt8]) throws {
        #expect(try inflated(bytes, limit: 5) == Array("Hello".utf8))
        #expect(throws: MessageDeflate.Failure.tooLong) { try inflated(bytes, limit: 4) }
    }

    @Test(arguments: [0, 1, 100, 65_535, 65_536, 65_537, 1_000_000])
    func `what was deflated is inflated to the same`(count: Int) throws {
        var random = SplitMix(state: UInt64(count))
        // Half of it repeats, so that it can be made shorter.
        let bytes = (0..<count).map { index in
            index % 2 == 0 ? 0x61 : UInt8.random(in: 0...255, using: &random)
        }
        guard let deflated = MessageDeflate.deflated(bytes, windowBits: 9) else {
            #expect(count <= 100)
            return
        }
        #expect(deflated.count < count)
        #expect(try inflated(deflated, limit: count) == bytes)
    }

    @Test func `noise is not deflated, because that makes it longer`() {
        var random = SplitMix(state: 1)
        let noise = (0..<5_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(MessageDeflate.deflated(noise, windowBits: 15) == nil)
    }

    @Test func `what inflates without measure is cut off at the limit`() throws {
        let zeros = [UInt8](repeating: 0, count: 50_000_000)
        let bomb = try #require(MessageDeflate.deflated(zeros, windowBits: 15))
        #expect(bomb.count < 60_000)
        #expect(throws: MessageDeflate.Failure.tooLong) { try inflated(bomb, limit: 1_000_000) }
    }

    @Test(arguments: [[0xFF, 0xFF], [0x06, 0x12], [0xF2, 0x48, 0xCD, 0xC9]] as [[UInt8]])
    func `what is no deflate data is refused`(bytes: [UInt8]) {
        #expect(throws: MessageDeflate.Failure.damaged) { try inflated(bytes, limit: 1_000) }
    }

    private func inflated(_ bytes: [UInt8], limit: Int) throws -> [UInt8] {
        try bytes.withUnsafeBufferPointer { buffer throws(MessageDeflate.Failure) in
            try MessageDeflate.inflated(buffer, limit: limit)
        }
    }
}
