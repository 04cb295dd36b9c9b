import Dispatch
import JSON
import Locking
import Logging
import RealtimeSimulator
import Testing
import WebServer

@testable import SessionBroker

@Suite(.timeLimit(.minutes(1)))
struct UpstreamSocketTests {
    private static let big = WebSocketMessage.binary(
        (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    )

    @Test func `messages pass both ways, large ones, too`() async throws {
        try await withEchoServer { base in
            try await withSocketBench(base) { bench in
                let log = try await bench.start()
                for message in [WebSocketMessage.text("one"), Self.big, .binary([])] {
                    await log.send(message)
                    #expect(await log.next() == message)
                }
                await log.perform { $0.close(4_001, reason: "done") }
                #expect(
                    await log.ending()
                        == WebSocketClosure(code: 4_001, reason: "done", isByPeer: false)
                )
            }
        }
    }

    @Test func `messages pass both ways over TLS`() async throws {
        try await TestCertificate.with { certificate in
            try await withEchoServer(tls: certificate.tls) { base in
                try await withSocketBench(
                    base,
                    settings: { $0.connection.certificateFile = certificate.file }
                ) { bench in
                    let log = try await bench.start()
                    for message in [WebSocketMessage.text("one"), .binary([1, 2])] {
                        await log.send(message)
                        #expect(await log.next() == message)
                    }
                    await log.perform { $0.close(.normal) }
                    #expect(await log.ending()?.code == .normal)
                }
            }
        }
    }

    @Test func `a queue over TLS grows while its beginning is being written`() async throws {
        try await TestCertificate.with { certificate in
            let doors = AsyncStream<Void>.makeStream()
            let opening = DispatchSemaphore(value: 0)
            let collected = Mutex([WebSocketMessage]())
            let script: FakeUpstream.Script = { request in
                let collect = FakeUpstream.Step.run { connection in
                    opening.wait()
                    let framing = WebSocketFraming(role: .server, maximumMessageBytes: 1 << 24)
                    while collected.withLock({ $0.count }) < 5 {
                        let bytes = connection.readBytes()
                        guard !bytes.isEmpty else { break }
                        for case .message(let message) in bytes.withUnsafeBytes(framing.receive) {
                            collected.withLock { $0.append(message) }
                        }
                    }
                    doors.continuation.yield()
                    return false
                }
                return .upgrade(request) + [collect]
            }
            try await withFakeUpstream(tls: FakeTLS(certificate), script) { upstream in
                try await withSocketBench(
                    upstream.url(),
                    settings: { $0.connection.certificateFile = certificate.file }
                ) { bench in
                    let log = try await bench.start()
                    // More than the system's buffers take, so that writing stops in mid-record.
                    for _ in 0..<5 { await log.send(Self.big) }
                    await log.perform { #expect($0.queuedBytes > 0) }
                    opening.signal()
                    _ = await doors.stream.first { _ in true }
                    #expect(collected.withLock { $0 } == Array(repeating: Self.big, count: 5))
                }
            }
        }
    }

    @Test(arguments: [
        (SocketSubject.session(model: "a&b"), "/v1/realtime?model=a%26b"),
        (.transcription, "/v1/realtime?intent=transcription"),
        (.call(id: "rtc_1/2"), "/v1/realtime?call_id=rtc_1%2F2"),
    ])
    func `the request is a plain opening handshake with our key`(
        subject: SocketSubject,
        target: String
    ) async throws {
        try await withFakeUpstream({ .upgrade($0) + [.hold] }) { upstream in
            try await withSocketBench(upstream.url("/v1")) { bench in
                let socket = try await bench.opener.open(subject, safetyIdentifier: "user-hash")
                socket.close()
            }
            let request = try #require(upstream.requests.first)
            #expect(request.method == "GET")
            #expect(request.target == target)
            #expect(request.headers["Authorization"] == "Bearer \(SocketBench.key)")
            #expect(request.headers["OpenAI-Safety-Identifier"] == "user-hash")
            #expect(request.headers["Host"] == "127.0.0.1:\(upstream.port)")
            let names = request.headers.fields.map { $0.name.lowercased() }.sorted()
            #expect(
                names == [
                    "authorization", "connection", "host", "openai-safety-identifier",
                    "sec-websocket-key", "sec-websocket-version", "upgrade", "user-agent",
                ]
            )
        }
    }

    @Test func `a host has several addresses, of which one is enough`() async throws {
        // Where there is IPv6, libcurl tries ::1 first, and nobody listens there.
        try await withFakeUpstream({ .upgrade($0) + [.hold] }) { upstream in
            try await withSocketBench("http://localhost:\(upstream.port)") { bench in
                try await bench.opener.open(.transcription).close()
            }
        }
    }

    @Test func `what comes right behind the head is the socket's`() async throws {
        let frame: [UInt8] = [0x81, 0x05] + Array("early".utf8)
        try await withFakeUpstream({ .upgrade($0, then: frame) + [.hold] }) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                let log = try await bench.start()
                #expect(await log.next() == .text("early"))
            }
        }
    }

    @Test func `messages may be compressed, if both ends want that`() async throws {
        var sockets = WebSocketConfiguration()
        sockets.compressesFromBytes = 100
        try await withEchoServer(configuration: sockets) { base in
            try await withSocketBench(base, settings: { $0.offersDeflate = true }) { bench in
                let log = try await bench.start { $0.compressesFromBytes = 100 }
                for text in ["short", String(repeating: "long ", count: 100_000)] {
                    await log.send(.text(text))
                    #expect(await log.next() == .text(text))
                }
                // Not all of it would fit into the system's buffers otherwise.
                let zeros = WebSocketMessage.binary([UInt8](repeating: 0, count: 16_000_000))
                await log.perform { connection in
                    connection.send(zeros)
                    #expect(connection.queuedBytes < 100_000)
                }
                #expect(await log.next() == zeros)
            }
        }
    }

    @Test func `a head that comes byte by byte is an upgrade all the same`() async throws {
        let script: FakeUpstream.Script = { request in
            [FakeUpstream.Step].upgrade(request).map { step in
                guard case .send(let bytes) = step else { return step }
                return .drip(bytes, everyMilliseconds: 0)
            } + [.hold]
        }
        try await withFakeUpstream(script) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                try await bench.opener.open(.transcription).close()
            }
        }
    }

    @Test func `a socket that nobody starts is closed with its last reference`() async throws {
        try await withFakeUpstream({ .upgrade($0) + [.hold] }) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                _ = try await bench.opener.open(.transcription)
                #expect(await upstream.nextClosure() == 0)
            }
        }
    }

    @Test func `a socket is started once, and closed as often as one likes`() async throws {
        try await withFakeUpstream({ .upgrade($0) + [.hold] }) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                let socket = try await bench.opener.open(.transcription)
                let log = SocketLog(loop: bench.carrying)
                #expect(socket.start(on: bench.carrying) { log })
                #expect(!socket.start(on: bench.carrying) { log })
                socket.close()
                let closed = try await bench.opener.open(.transcription)
                closed.close()
                closed.close()
                #expect(!closed.start(on: bench.carrying) { log })
                #expect(await upstream.nextClosure() == 1)
                await log.perform { $0.abort() }
                #expect(await upstream.nextClosure() == 0)
            }
        }
    }

    @Test func `a started socket whose loop has ended is closed`() async throws {
        try await withFakeUpstream({ .upgrade($0) + [.hold] }) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                let socket = try await bench.opener.open(.transcription)
                await bench.carrying.shutDown(limit: .zero)
                socket.start(on: bench.carrying) { SocketLog(loop: bench.carrying) }
                #expect(await upstream.nextClosure() == 0)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct UpstreamSocketSimulatorTests {
    private func withSimulator(_ body: (String) async throws -> Void) async throws {
        var configuration = RealtimeSimulator.Configuration()
        configuration.apiKey = SocketBench.key
        configuration.pace = 0
        configuration.usesEspeak = false
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let simulator = RealtimeSimulator(configuration: configuration, logger: logger)
        let base = try await simulator.start().baseURL
        do {
            try await body(base)
        } catch {
            await simulator.stop()
            throw error
        }
        await simulator.stop()
    }

    private func nextEvent(_ log: SocketLog) async throws -> JSONValue {
        try JSONValue(parsing: try #require(await log.next()).bytes)
    }

    @Test func `a session is created, changed and closed`() async throws {
        try await withSimulator { base in
            try await withSocketBench(base) { bench in
                let log = try await bench.start()
                #expect(try await nextEvent(log)["type"] == "session.created")
                let update: JSONValue = [
                    "type": "session.update",
                    "session": ["type": "realtime", "instructions": "Be brief."],
                ]
                await log.send(.text(update.bytes))
                let updated = try await nextEvent(log)
                #expect(updated["type"] == "session.updated")
                #expect(updated["session"]?["instructions"] == "Be brief.")
                await log.perform { $0.close(.normal) }
                #expect(await log.ending()?.code == .normal)
            }
        }
    }

    @Test func `a key that is not taken is told in an event, behind a 101`() async throws {
        try await withSimulator { base in
            try await withSocketBench(base, key: "sk-wrong-0123456789") { bench in
                let log = try await bench.start()
                let event = try await nextEvent(log)
                #expect(event["type"] == "error")
                #expect(event["error"]?["code"] == "invalid_api_key")
                let ending = await log.ending()
                #expect(ending?.code == 3_000)
                #expect(ending?.reason == "invalid_request_error.invalid_api_key")
            }
        }
    }
}
