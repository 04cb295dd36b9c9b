import Glibc
import Testing

@testable import WebServer

@Suite(.timeLimit(.minutes(1)))
struct WebSocketConnectionTests {
    @Test func `messages are echoed in order, also those behind the handshake`() async throws {
        try await withConnection(receivedBytes: Frame.masked(0x81, "early")) { peer, log in
            await peer.send(.text("one"))
            await peer.send(.binary([1, 2, 3]))
            #expect(await log.next() == .opened)
            #expect(await log.next() == .message(.text("early")))
            #expect(await log.next() == .message(.text("one")))
            #expect(await log.next() == .message(.binary([1, 2, 3])))
            #expect(await peer.receive() == .message(.text("early")))
            #expect(await peer.receive() == .message(.text("one")))
            #expect(await peer.receive() == .message(.binary([1, 2, 3])))
        }
    }

    @Test func `a message larger than the socket's buffers passes both ways`() async throws {
        let big = [UInt8](repeating: 0x61, count: 4 * 1_024 * 1_024)
        try await withConnection { peer, _ in
            async let sending: Void = peer.send(.binary(big))
            #expect(await peer.receive() == .message(.binary(big)))
            await sending
        }
    }

    @Test func `the peer's close is echoed and told`() async throws {
        try await withConnection { peer, log in
            await peer.close(4_001, "done")
            #expect(await peer.receive() == .closed(4_001, reason: "done"))
            #expect(await peer.receive() == nil)
            #expect(
                await log.closure() == WebSocketClosure(code: 4_001, reason: "done", isByPeer: true)
            )
        }
    }

    @Test func `our close waits for the peer's, and tells our code`() async throws {
        try await withConnection { peer, log in
            await log.perform { $0.close(4_000, reason: "rule") }
            #expect(await peer.receive() == .closed(4_000, reason: "rule"))
            #expect(
                await log.closure()
                    == WebSocketClosure(code: 4_000, reason: "rule", isByPeer: false)
            )
        }
    }

    @Test func `a peer that never answers a close is given up`() async throws {
        try await withConnection(configure: { $0.closeTimeout = .milliseconds(20) }) { peer, log in
            await log.perform { $0.close(.normal) }
            #expect(await log.closure().code == .normal)
        }
    }

    @Test func `a violation is answered with its code before the connection ends`() async throws {
        try await withConnection { peer, log in
            await peer.sendRaw([0x81, 0x01, 0x41])
            #expect(await peer.receive() == .closed(.protocolError, reason: ""))
            await peer.hangUp()
            #expect(await log.closure() == WebSocketClosure(code: .protocolError, isByPeer: false))
        }
    }

    @Test func `a connection that breaks is told as 1006`() async throws {
        try await withConnection { peer, log in
            await peer.hangUp()
            #expect(await log.closure() == WebSocketClosure(code: .abnormal, isByPeer: true))
        }
    }

    @Test func `a silent peer is pinged, then given up`() async throws {
        let configure = { (configuration: inout WebSocketConfiguration) in
            configuration.pingInterval = .milliseconds(5)
            configuration.peerTimeout = .milliseconds(50)
        }
        try await withConnection(configure: configure) { peer, log in
            #expect(await log.closure().code == .abnormal)
            // The first ping, unanswered because the peer never read it.
            #expect(await peer.receiveRaw(6) == [0x89, 0x04] + Array("ping".utf8))
        }
    }

    @Test func `a full queue closes with 1013 unless the handler drops`() async throws {
        let configure = { (configuration: inout WebSocketConfiguration) in
            configuration.outgoingLimitBytes = 100
        }
        try await withConnection(configure: configure) { peer, log in
            await log.perform { connection in
                #expect(connection.send(.binary([UInt8](repeating: 0, count: 90))))
                #expect(!connection.send(.binary([UInt8](repeating: 0, count: 90))))
            }
            #expect(await peer.receive() == .message(.binary([UInt8](repeating: 0, count: 90))))
            #expect(
                await peer.receive()
                    == .closed(.tryAgainLater, reason: "the outgoing queue is full")
            )
            #expect(await log.closure().code == .tryAgainLater)
        }
    }

    @Test func `congestion begins above the mark and its end is told`() async throws {
        let configure = { (configuration: inout WebSocketConfiguration) in
            configuration.highWaterBytes = 1_000
        }
        try await withConnection(configure: configure) { peer, log in
            let big = WebSocketMessage.binary([UInt8](repeating: 0, count: 2_000_000))
            await log.perform { connection in
                #expect(!connection.isCongested)
                connection.send(big)
                #expect(connection.isCongested)
            }
            #expect(await peer.receive() == .message(big))
            #expect(await log.next() == .opened)
            #expect(await log.next() == .drained)
        }
    }

    @Test func `nothing is read while reading is paused, and all of it afterwards`() async throws {
        try await withConnection { peer, log in
            #expect(await log.next() == .opened)
            await log.perform { $0.pauseReading() }
            await peer.send(.text("held"))
            // A round trip through the loop, in which the message would have been read.
            await log.perform { _ in }
            await log.perform { $0.send(.text("marker")) }
            #expect(await peer.receive() == .message(.text("marker")))
            await log.perform { $0.resumeReading() }
            #expect(await log.next() == .message(.text("held")))
        }
    }

    @Test func `shutting down closes with 1001, and the descriptor is given back once`()
        async throws
    {
        let closes = CallCounter()
        try await withConnection(closes: closes) { peer, log in
            async let end: Void = log.loop.shutDown(limit: .seconds(5))
            #expect(
                await peer.receive()
                    == .closed(.goingAway, reason: "the server is shutting down")
            )
            await end
            #expect(await log.closure().code == .goingAway)
            #expect(!log.loop.execute {})
        }
        #expect(closes.value == 1)
    }

    @Test func `a connection that comes after the end is closed at once`() async {
        let loop = EventLoop()
        await loop.shutDown(limit: .zero)
        let closes = CallCounter()
        let socket = UpgradedSocket(fileDescriptor: -1, receivedBytes: [], close: closes.increment)
        WebSocketConnection.open(
            SocketTransport(socket),
            role: .server,
            on: loop,
            makeHandler: { fatalError("no handler is needed") }
        )
        #expect(closes.value == 1)
    }
}
