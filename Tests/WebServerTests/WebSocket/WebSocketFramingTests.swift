import Testing

@testable import WebServer

@Suite struct WebSocketFramingTests {
    /// Two ends of one connection, whose bytes are carried by the test.
    private struct Pair {
        let server: WebSocketFraming
        let client = WebSocketFraming(role: .client, maximumMessageBytes: 1_024)

        init(maximumMessageBytes: Int = 1_024) {
            server = WebSocketFraming(role: .server, maximumMessageBytes: maximumMessageBytes)
        }

        /// Carries what the client has sent.
        func toServer() -> [WebSocketFraming.Event] { server.receive(client.output.removeAll()) }
        /// Carries what the server has sent.
        func toClient() -> [WebSocketFraming.Event] { client.receive(server.output.removeAll()) }
    }

    @Test(arguments: [0, 1, 125, 126, 127, 1_024])
    func `messages of every length class arrive in both directions`(length: Int) {
        let pair = Pair()
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        pair.client.send(.binary(bytes))
        #expect(pair.toServer() == [.message(.binary(bytes))])
        pair.server.send(.binary(bytes))
        #expect(pair.toClient() == [.message(.binary(bytes))])
    }

    @Test func `a server sends the frame that RFC 6455 shows`() {
        let pair = Pair()
        pair.server.send(.text("Hello"))
        #expect(pair.server.output.removeAll() == [0x81, 0x05] + Array("Hello".utf8))
    }

    @Test func `a client masks, with another mask each time`() {
        let pair = Pair()
        pair.client.send(.text("Hello"))
        let first = pair.client.output.removeAll()
        pair.client.send(.text("Hello"))
        let second = pair.client.output.removeAll()
        #expect(first[1] == 0x85)
        #expect(first.count == 11)
        #expect(first != second)
    }

    @Test func `fragments are joined, with control frames between them`() {
        let pair = Pair()
        let frames: [UInt8] =
            Frame.masked(0x01, "Hel") + Frame.masked(0x89, "p") + Frame.masked(0x80, "lo")
        #expect(pair.server.receive(frames) == [.message(.text("Hello"))])
        // The pong that answers the ping.
        #expect(pair.server.output.removeAll() == [0x8A, 0x01, 0x70])
    }

    @Test func `a character cut by fragments is valid, a cut one at the end is not`() {
        let valid = Pair()
        let euro = Array("€".utf8)
        #expect(
            valid.server.receive(
                Frame.masked(0x01, euro.prefix(2)) + Frame.masked(0x80, euro.suffix(1))
            ) == [.message(.text("€"))]
        )
        let invalid = Pair()
        #expect(
            invalid.server.receive(Frame.masked(0x81, euro.prefix(2))) == [.failed(.invalidPayload)]
        )
        #expect(invalid.toClient().last == .closed(.invalidPayload, reason: ""))
    }

    @Test func `a message over the limit fails with 1009, whole or in fragments`() {
        let big = [UInt8](repeating: 0, count: 700)
        let whole = Pair(maximumMessageBytes: 699)
        #expect(whole.server.receive(Frame.masked(0x82, big)) == [.failed(.messageTooBig)])
        #expect(whole.toClient().last == .closed(.messageTooBig, reason: ""))
        let pieces = Pair(maximumMessageBytes: 1_399)
        #expect(
            pieces.server.receive(Frame.masked(0x02, big) + Frame.masked(0x80, big))
                == [.failed(.messageTooBig)]
        )
        let enough = Pair(maximumMessageBytes: 700)
        #expect(enough.server.receive(Frame.masked(0x82, big)) == [.message(.binary(big))])
    }

    @Test(
        arguments: [
            ("a frame without mask", [0x81, 0x01, 0x41]),
            ("a reserved bit", Frame.masked(0xC1, "A")),
            ("a reserved opcode", Frame.masked(0x83, "A")),
            ("a continuation of nothing", Frame.masked(0x80, "A")),
            ("a new message within another", Frame.masked(0x01, "A") + Frame.masked(0x81, "B")),
            ("a close code that may not be sent", Frame.masked(0x88, [0x03, 0xED])),
        ] as [(String, [UInt8])]
    )
    func `a violation fails the connection with 1002`(name: String, frames: [UInt8]) {
        let pair = Pair()
        #expect(pair.server.receive(frames) == [.failed(.protocolError)], "\(name)")
        #expect(pair.server.isCloseSent, "\(name)")
        #expect(pair.toClient().last == .closed(.protocolError, reason: ""), "\(name)")
    }

    @Test func `a control frame in fragments fails the connection`() {
        let pair = Pair()
        #expect(pair.server.receive(Frame.masked(0x09, "A")) == [.failed(.protocolError)])
        #expect(pair.server.isCloseSent)
    }

    @Test func `a masked frame from a server fails the connection`() {
        let pair = Pair()
        #expect(pair.client.receive(Frame.masked(0x81, "A")) == [.failed(.protocolError)])
    }

    @Test(arguments: [1_000, 1_001, 1_012, 1_013, 1_014, 3_000, 4_000, 4_999] as [UInt16])
    func `a close code and its reason are passed on and echoed`(code: UInt16) {
        let pair = Pair()
        let closeCode = WebSocketCloseCode(rawValue: code)
        #expect(pair.server.close(closeCode, reason: "because"))
        #expect(pair.toClient() == [.closed(closeCode, reason: "because")])
        #expect(pair.client.isCloseSent)
        #expect(pair.toServer().count == 1)
    }

    @Test func `a close frame without code is told as 1005`() {
        let pair = Pair()
        pair.client.close(.noStatus)
        #expect(pair.toServer() == [.closed(.noStatus, reason: "")])
    }

    @Test func `a long reason is cut between characters`() {
        let pair = Pair()
        pair.server.close(.normal, reason: String(repeating: "€", count: 100))
        let expected = String(repeating: "€", count: 41)
        #expect(pair.toClient() == [.closed(.normal, reason: expected)])
    }

    @Test func `nothing is sent behind a close frame`() {
        let pair = Pair()
        pair.server.close(.normal)
        #expect(!pair.server.send(.text("late")))
        #expect(!pair.server.close(.goingAway))
        #expect(pair.toClient() == [.closed(.normal, reason: "")])
    }

    @Test func `a ping is answered and the pong is told`() {
        let pair = Pair()
        pair.server.ping([1, 2, 3, 4])
        #expect(pair.toClient().isEmpty)
        #expect(pair.toServer() == [.pong])
    }

    @Test func `an answer stands before those to what came later`() {
        let pair = Pair()
        let frames =
            Frame.masked(0x81, "one") + Frame.masked(0x89, "p") + Frame.masked(0x81, "two")
            + Frame.masked(0x83, "")
        frames.withUnsafeBytes { bytes in
            pair.server.receive(bytes) { event in
                if case .message(let message) = event { pair.server.send(message) }
            }
        }
        let answers = Array("one".utf8) + [0x8A, 1, 0x70, 0x81, 3] + Array("two".utf8)
        #expect(pair.server.output.removeAll() == [0x81, 3] + answers + [0x88, 2, 0x03, 0xEA])
    }

    @Test func `whoever reads no pongs gets no more of them`() {
        let pair = Pair()
        let pings = (0..<100).flatMap { _ in
            Frame.masked(0x89, [UInt8](repeating: 0, count: 125))
        }
        for _ in 0..<100 { _ = pair.server.receive(pings) }
        #expect((1 << 20...1 << 20 + 127).contains(pair.server.output.count))
        _ = pair.server.output.removeAll()
        _ = pair.server.receive(Frame.masked(0x89, "p"))
        #expect(pair.server.output.removeAll() == [0x8A, 1, 0x70])
    }

    @Test(arguments: 0..<40)
    func `messages arrive the same wherever the stream is cut`(seed: UInt64) {
        var random = SplitMix(state: seed)
        let pair = Pair()
        var sent: [WebSocketFraming.Event] = []
        for _ in 0..<20 {
            let count = Int.random(in: 0...400, using: &random)
            let message: WebSocketMessage =
                Bool.random(using: &random)
                ? .binary((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
                : .text(String(repeating: "é€😀a", count: count / 10))
            pair.client.send(message)
            sent.append(.message(message))
        }
        var stream = pair.client.output.removeAll()[...]
        var received: [WebSocketFraming.Event] = []
        while !stream.isEmpty {
            let piece = stream.prefix(Int.random(in: 1...300, using: &random))
            received += pair.server.receive(Array(piece))
            stream = stream.dropFirst(piece.count)
        }
        #expect(received == sent)
    }
}

/// Frames made by hand, for what a proper client would not send.
enum Frame {
    /// A frame whose mask is zero, so that its payload can be read.
    static func masked(_ firstByte: UInt8, _ payload: some Collection<UInt8>) -> [UInt8] {
        let count = payload.count
        let length: [UInt8] =
            count < 126 ? [0x80 | UInt8(count)] : [0xFE, UInt8(count >> 8), UInt8(count & 0xFF)]
        return [firstByte] + length + [0, 0, 0, 0] + Array(payload)
    }

    static func masked(_ firstByte: UInt8, _ payload: String) -> [UInt8] {
        masked(firstByte, Array(payload.utf8))
    }
}

extension WebSocketFraming {
    func receive(_ bytes: [UInt8]) -> [Event] {
        bytes.withUnsafeBytes { receive($0) }
    }
}

/// A small random generator, the same for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
