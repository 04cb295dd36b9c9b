import Testing

@testable import WebServer

@Suite struct HTTPServerTests {
    private let echo = Route(.post, "/echo") { request in
        HTTPResponse(status: 200, body: .bytes(request.body))
    }

    private func head(_ line: String, _ fields: String...) -> String {
        ([line, "Host: localhost"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test func `a body comes back, by length and in chunks, on one connection`() async throws {
        try await withServer([echo]) { _, port in
            let client = try RawClient(port: port)
            client.send(head("POST /echo HTTP/1.1", "Content-Length: 5") + "hello")
            #expect(await client.read(until: "hello").hasPrefix("HTTP/1.1 200"))
            client.send(head("POST /echo HTTP/1.1", "Transfer-Encoding: chunked"))
            client.send("3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
            #expect(await client.read(until: "abcdefg").hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `many requests wait at once without a thread each`() async throws {
        let gate = Gate()
        let slow = Route(.get, "/slow") { _ in
            await gate.wait()
            return .text("done")
        }
        try await withServer([slow]) { _, port in
            let clients = try (0..<50).map { _ in try RawClient(port: port) }
            for client in clients { client.send(head("GET /slow HTTP/1.1")) }
            await gate.open()
            for client in clients { #expect(await client.read(until: "done").contains("200 OK")) }
        }
    }

    @Test func `beyond the limit clients are cut off, until somebody has left`() async throws {
        let route = Route(.get, "/") { _ in .text("done") }
        try await withServer([route], configure: { $0.connectionLimit = 2 }) { _, port in
            let ask = head("GET / HTTP/1.1")
            let clients = try (0..<2).map { _ in try RawClient(port: port) }
            for client in clients {
                client.send(ask)
                #expect(await client.read(until: "done").contains("200 OK"))
            }
            let refused = try RawClient(port: port)
            refused.send(ask)
            #expect(await refused.read(until: "done") == "")
            clients[0].send(head("GET / HTTP/1.1", "Connection: close"))
            #expect(await clients[0].read().contains("200 OK"))
            // The server counts it no more a moment later.
            var answer = ""
            while answer.isEmpty {
                let next = try RawClient(port: port)
                next.send(ask)
                answer = await next.read(until: "done")
            }
            #expect(answer.contains("200 OK"))
            clients[1].send(ask)
            #expect(await clients[1].read(until: "done").contains("200 OK"))
        }
    }

    @Test func `the query is decoded`() async throws {
        let route = Route(.get, "/q") { request in
            .text(request.query.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ";"))
        }
        try await withServer([route]) { _, port in
            let client = try RawClient(port: port)
            client.send(head("GET /q?a=1+2&b=%C3%A9%2B&c&d= HTTP/1.1", "Connection: close"))
            #expect(await client.read().hasSuffix("a=1 2;b=é+;c=;d="))
        }
    }

    @Test(arguments: [
        "GET /echo?a=%zz HTTP/1.1", "GET /%00 HTTP/1.1", "GET /%ff HTTP/1.1", "GET echo HTTP/1.1",
    ])
    func `a damaged URL is a 400 in the one form`(line: String) async throws {
        try await withServer([echo]) { _, port in
            let client = try RawClient(port: port)
            client.send(head(line, "Connection: close"))
            let answer = await client.read()
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            #expect(answer.contains(#""code":"bad_request""#))
        }
    }

    @Test func `a body over the limit is a 413, announced or not, and the client hears it`()
        async throws
    {
        try await withServer([echo], configure: { $0.bodyLimitBytes = 1_000 }) { _, port in
            let announced = try RawClient(port: port)
            announced.send(head("POST /echo HTTP/1.1", "Content-Length: 200000"))
            announced.send([UInt8](repeating: 65, count: 200_000))
            #expect(await announced.read(until: "body_too_large").hasPrefix("HTTP/1.1 413"))
            let chunked = try RawClient(port: port)
            chunked.send(head("POST /echo HTTP/1.1", "Transfer-Encoding: chunked"))
            let chunk = "200\r\n" + String(repeating: "x", count: 512) + "\r\n"
            chunked.send(String(repeating: chunk, count: 4) + "0\r\n\r\n")
            #expect(await chunked.read(until: "body_too_large").hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func `a client that asks first is refused before it sends`() async throws {
        try await withServer([echo], configure: { $0.bodyLimitBytes = 10 }) { _, port in
            let client = try RawClient(port: port)
            client.send(
                head("POST /echo HTTP/1.1", "Content-Length: 11", "Expect: 100-continue")
            )
            #expect(await client.read(until: "body_too_large").hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func `endless bodies are cut off`() async throws {
        func configure(_ configuration: inout HTTPServer.Configuration) {
            configuration.bodyLimitBytes = 100
            configuration.discardLimitBytes = 1_000
        }
        try await withServer([echo], configure: configure) { _, port in
            let client = try RawClient(port: port)
            client.send(head("POST /echo HTTP/1.1", "Transfer-Encoding: chunked"))
            for _ in 0..<20 { client.send("64\r\n" + String(repeating: "x", count: 100) + "\r\n") }
            #expect(await client.read() == "")
        }
    }

    @Test func `bodies share a bounded memory`() async throws {
        func configure(_ configuration: inout HTTPServer.Configuration) {
            configuration.bodyMemoryLimitBytes = 1_500
            // One thread takes what came first first.
            configuration.threads = 1
        }
        try await withServer([echo], configure: configure) { _, port in
            let (first, second) = (try RawClient(port: port), try RawClient(port: port))
            first.send(head("POST /echo HTTP/1.1", "Content-Length: 1001"))
            first.send([UInt8](repeating: 65, count: 1_000))
            // This answer proves that the first one's bytes are seen before those that follow.
            second.send(head("GET /none HTTP/1.1"))
            #expect(await second.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 404"))
            let third = try RawClient(port: port)
            third.send(head("POST /echo HTTP/1.1", "Content-Length: 1000"))
            third.send([UInt8](repeating: 66, count: 1_000))
            #expect(await third.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 503"))
            first.send("A")
            #expect(await first.read(until: "AAA").hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `a slow body is a 408`() async throws {
        func configure(_ configuration: inout HTTPServer.Configuration) {
            configuration.bodyDeadline = .milliseconds(50)
        }
        try await withServer([echo], configure: configure) { _, port in
            let client = try RawClient(port: port)
            client.send(head("POST /echo HTTP/1.1", "Content-Length: 10") + "abc")
            let answer = await client.read()
            #expect(answer.hasPrefix("HTTP/1.1 408"))
            #expect(answer.contains(#""code":"request_timeout""#))
        }
    }

    @Test func `a handler over its deadline is cancelled and answered with 503`() async throws {
        let stuck = Route(.get, "/stuck", deadline: .milliseconds(20)) { _ in
            try await Task.sleep(for: .seconds(60))
            return .text("late")
        }
        try await withServer([stuck]) { _, port in
            let client = try RawClient(port: port)
            client.send(head("GET /stuck HTTP/1.1", "Connection: close"))
            let answer = await client.read()
            #expect(answer.hasPrefix("HTTP/1.1 503"))
            #expect(answer.contains("deadline_exceeded"))
        }
    }

    @Test func `a truncated body reaches no handler`() async throws {
        let count = Counter()
        let route = Route(.post, "/count") { _ in
            await count.increment()
            return .text("ok")
        }
        try await withServer([route]) { server, port in
            let client = try RawClient(port: port)
            client.send(head("POST /count HTTP/1.1", "Content-Length: 10") + "abc")
            client.finishSending()
            #expect(await client.read() == "")
            await server.drain(limit: .seconds(5))
        }
        #expect(await count.value == 0)
    }

    @Test func `damaged chunks are refused`() async throws {
        try await withServer([echo]) { _, port in
            let client = try RawClient(port: port)
            client.send(head("POST /echo HTTP/1.1", "Transfer-Encoding: chunked"))
            client.send("zz\r\nabc\r\n0\r\n\r\n")
            let answer = await client.read()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test func `a stream arrives whole, at the reader's pace`() async throws {
        let lines = (0..<20_000).map { "line \($0)\n" }
        let route = Route(.get, "/lines") { _ in
            .stream(
                ResponseStream(capacity: 1_024) { stream in
                    for line in lines { try await stream.write(Array(line.utf8)) }
                },
                contentType: "text/plain"
            )
        }
        try await withServer([route]) { _, port in
            let client = try RawClient(port: port)
            client.send(head("GET /lines HTTP/1.0", "Connection: close"))
            #expect(await client.read().hasSuffix("\r\n\r\n" + lines.joined()))
        }
    }

    @Test func `a stream that fails breaks the connection off`() async throws {
        let route = Route(.get, "/broken") { _ in
            .stream(
                ResponseStream { stream in
                    try await stream.write(Array("part".utf8))
                    throw CancellationError()
                },
                contentType: "text/plain"
            )
        }
        try await withServer([route]) { _, port in
            let client = try RawClient(port: port)
            client.send(head("GET /broken HTTP/1.1"))
            #expect(!(await client.read().hasSuffix("0\r\n\r\n")))
        }
    }

    @Test func `a client that leaves a stream ends its producer`() async throws {
        let ended = Gate()
        let route = Route(.get, "/endless") { _ in
            .stream(
                ResponseStream { stream in
                    do {
                        while true { try await stream.write([UInt8](repeating: 65, count: 4_096)) }
                    } catch {
                        await ended.open()
                        throw error
                    }
                },
                contentType: "text/plain"
            )
        }
        try await withServer([route]) { _, port in
            do {
                let client = try RawClient(port: port)
                client.send(head("GET /endless HTTP/1.1"))
                _ = await client.read(until: "AAAA")
            }
            await ended.wait()
        }
    }
}

/// Counts calls.
actor Counter {
    private(set) var value = 0

    func increment() {
        value += 1
    }
}
