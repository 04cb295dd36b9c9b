import Testing

@testable import WebServer

@Suite struct DrainTests {
    private let request = "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test func `a request in flight finishes, and its connection closes`() async throws {
        let started = Gate()
        let release = Gate()
        let slow = Route(.get, "/slow") { _ in
            await started.open()
            await release.wait()
            return .text("finished")
        }
        try await withServer([slow]) { server, port in
            let client = try RawClient(port: port)
            client.send(request)
            await started.wait()
            async let drained: Void = server.drain(limit: .seconds(10))
            await release.open()
            let answer = await client.read()
            await drained
            #expect(answer.contains("Connection: close"))
            #expect(answer.hasSuffix("finished"))
            #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
        }
    }

    @Test func `what does not finish in time is answered and cancelled`() async throws {
        let started = Gate()
        let stuck = Route(.get, "/slow") { _ in
            await started.open()
            try await Task.sleep(for: .seconds(60))
            return .text("never")
        }
        try await withServer([stuck]) { server, port in
            let client = try RawClient(port: port)
            client.send(request)
            await started.wait()
            await server.drain(limit: .milliseconds(20))
            #expect(await client.read().hasPrefix("HTTP/1.1 503"))
        }
    }

    @Test func `a stream that does not end is cut`() async throws {
        let endless = Route(.get, "/slow") { _ in
            .stream(
                ResponseStream { stream in
                    try await stream.write(Array("first".utf8))
                    try await Task.sleep(for: .seconds(60))
                },
                contentType: "text/plain"
            )
        }
        try await withServer([endless]) { server, port in
            let client = try RawClient(port: port)
            client.send(request)
            _ = await client.read(until: "first")
            await server.drain(limit: .milliseconds(20))
            #expect(await client.read() == "")
        }
    }

    @Test func `idle connections do not hold a drain up`() async throws {
        try await withServer([Route(.get, "/slow") { _ in .text("ok") }]) { server, port in
            let client = try RawClient(port: port)
            client.send(request)
            _ = await client.read(until: "ok")
            await server.drain(limit: .seconds(60))
            #expect(await client.read() == "")
        }
    }

    @Test func `a client that does not read its answer does not hold a drain up`() async throws {
        let large = Route(.get, "/slow") { _ in
            HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 65, count: 64 << 20)))
        }
        try await withServer([large]) { server, port in
            let client = try RawClient(port: port)
            client.send(request)
            _ = await client.read(until: "AAAA")
            await server.drain(limit: .milliseconds(50))
        }
    }
}
