import Logging
import Testing

@testable import WebServer

/// Sends two events to each client, and then ends the stream or waits for the client to go.
private final class Greeter: EventStreamHandler, @unchecked Sendable {
    private let ends: Bool
    private let gate: Gate

    init(ends: Bool, whenClosed gate: Gate) {
        self.ends = ends
        self.gate = gate
    }

    func opened(_ stream: EventStream) {
        stream.send(Array("data: one\n\n".utf8))
        stream.send(Array("data: two\n\n".utf8))
        if ends { stream.end() }
    }

    func closed(_ stream: EventStream) {
        let gate = gate
        Task { await gate.open() }
    }
}

/// Sends more than any socket holds, and ends the stream.
private final class Flood: EventStreamHandler, @unchecked Sendable {
    static let byteCount = 32 << 20

    private let gate: Gate

    init(whenClosed gate: Gate) { self.gate = gate }

    func opened(_ stream: EventStream) {
        stream.send([UInt8](repeating: 120, count: Self.byteCount))
        stream.end()
    }

    func closed(_ stream: EventStream) {
        let gate = gate
        Task { await gate.open() }
    }
}

@Suite(.timeLimit(.minutes(1))) struct EventStreamTests {
    private static let request = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n"

    private func withStreams(
        ends: Bool,
        _ body: (UInt16, Gate) async throws -> Void
    ) async throws {
        let (loop, gate) = (EventLoop(name: "events"), Gate())
        let route = Route(.get, "/events") { request in
            EventStream.response(to: request, on: loop, sendBufferBytes: 65_536) {
                Greeter(ends: ends, whenClosed: gate)
            }
        }
        try await withServer([route]) { _, port in
            try await body(port, gate)
            await loop.shutDown(limit: .seconds(5))
        }
    }

    @Test func `events come behind a head, and the end closes the connection`() async throws {
        try await withStreams(ends: true) { port, _ in
            // Many times, because the answer may be there before the request is put aside.
            for _ in 0..<100 {
                let client = try RawClient(port: port)
                client.send(Self.request)
                let answer = await client.read()
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.contains("Content-Type: text/event-stream; charset=utf-8\r\n"))
                #expect(answer.hasSuffix("\r\n\r\ndata: one\n\ndata: two\n\n"))
            }
        }
    }

    @Test func `a client that goes is noticed without anything being sent`() async throws {
        try await withStreams(ends: false) { port, closed in
            let client = try RawClient(port: port)
            client.send(Self.request)
            _ = await client.read(until: "two")
            client.finishSending()
            await closed.wait()
            #expect(await client.read().isEmpty)
        }
    }

    @Test func `a loop that shuts down ends its streams`() async throws {
        try await withStreams(ends: false) { port, _ in
            let client = try RawClient(port: port)
            client.send(Self.request)
            _ = await client.read(until: "two")
        }
    }

    @Test func `a stream that has ended does not wait for ever for its client`() async throws {
        let (loop, closed) = (EventLoop(name: "events"), Gate())
        let route = Route(.get, "/events") { request in
            EventStream.response(
                to: request,
                on: loop,
                sendBufferBytes: 65_536,
                endTimeout: .milliseconds(50)
            ) { Flood(whenClosed: closed) }
        }
        try await withServer([route]) { _, port in
            let client = try RawClient(port: port)
            client.send(Self.request)
            // It reads nothing until then.
            await closed.wait()
            #expect(await client.read().utf8.count < Flood.byteCount)
            await loop.shutDown(limit: .seconds(5))
        }
    }

    @Test func `under TLS the server writes what is offered`() async throws {
        let (loop, gate) = (EventLoop(name: "events"), Gate())
        var request = HTTPRequest.make(.get, "/events")
        request.isSecure = true
        let response = EventStream.response(to: request, on: loop, sendBufferBytes: 65_536) {
            Greeter(ends: true, whenClosed: gate)
        }
        guard case .stream(let body) = response.body else {
            Issue.record("it is no stream")
            return
        }
        #expect(try await body.collect() == Array("data: one\n\ndata: two\n\n".utf8))
        await gate.wait()
        await loop.shutDown(limit: .seconds(5))
    }
}
