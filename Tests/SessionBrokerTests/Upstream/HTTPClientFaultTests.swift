import Testing
import WebServer

@testable import SessionBroker

@Suite struct HTTPClientFaultTests {
    @Test func `silence ends with the request's own time`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            try await HTTPClient.with { client in
                await #expect(throws: HTTPClientError.timedOut) {
                    try await client.send(.make(upstream, timeout: .milliseconds(60)))
                }
            }
        }
    }

    @Test func `a drip that never ends does not buy time`() async throws {
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8)
        let script: FakeUpstream.Script = { _ in
            [.send(head), .drip([UInt8](repeating: 1, count: 10_000), everyMilliseconds: 2)]
        }
        try await withFakeUpstream(script) { upstream in
            try await HTTPClient.with { client in
                await #expect(throws: HTTPClientError.timedOut) {
                    try await client.send(.make(upstream, timeout: .milliseconds(80)))
                }
            }
        }
    }

    @Test func `waiting for a free connection takes no longer than the request's time`()
        async throws
    {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            var settings = HTTPClient.Settings()
            settings.connectionLimitPerHost = 1
            try await HTTPClient.with(settings) { client in
                let first = Task { try await client.send(.make(upstream)) }
                await upstream.nextArrival()
                await #expect(throws: HTTPClientError.timedOut) {
                    try await client.send(.make(upstream, timeout: .milliseconds(30)))
                }
                first.cancel()
                await #expect(throws: CancellationError.self) { try await first.value }
            }
            #expect(upstream.requests.count == 1)
        }
    }

    @Test func `cancelling the task closes the connection`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            try await HTTPClient.with { client in
                let task = Task { try await client.send(.make(upstream)) }
                await upstream.nextArrival()
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(await upstream.nextClosure() == 0)
            }
        }
    }

    @Test func `a task that was cancelled before it sent anything ends at once`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            try await HTTPClient.with { client in
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await client.send(.make(upstream))
                }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test func `shutdown fails what is under way`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            try await HTTPClient.with { client in
                let tasks = (0..<8).map { _ in Task { try await client.send(.make(upstream)) } }
                for _ in tasks { await upstream.nextArrival() }
                client.shutdown()
                for task in tasks {
                    await #expect(throws: HTTPClientError.shutDown) { try await task.value }
                }
            }
        }
    }

    @Test func `one request too many is refused, and its place is given on later`() async throws {
        try await withFakeUpstream({ $0.target == "/hold" ? [.hold] : .answer(200) }) { upstream in
            var settings = HTTPClient.Settings()
            settings.inFlightLimit = 1
            try await HTTPClient.with(settings) { client in
                let first = Task { try await client.send(.make(upstream, path: "/hold")) }
                await upstream.nextArrival()
                await #expect(throws: HTTPClientError.overloaded) {
                    try await client.send(.make(upstream))
                }
                first.cancel()
                await #expect(throws: CancellationError.self) { try await first.value }
                let response = try await client.send(.make(upstream))
                #expect(response.status == 200)
            }
        }
    }

    @Test(arguments: [(1_000, true), (1_001, false)])
    func `an answer may be as large as the limit`(size: Int, isTaken: Bool) async throws {
        let body = String(repeating: "x", count: size)
        try await withFakeUpstream({ _ in .answer(200, body) }) { upstream in
            var settings = HTTPClient.Settings()
            settings.responseLimitBytes = 1_000
            try await HTTPClient.with(settings) { client in
                if isTaken {
                    let response = try await client.send(.make(upstream))
                    #expect(response.body.count == size)
                } else {
                    await #expect(throws: HTTPClientError.responseTooLarge(limitBytes: 1_000)) {
                        try await client.send(.make(upstream))
                    }
                }
            }
        }
    }

    @Test func `a header without end is refused`() async throws {
        let field = Array("X-Field: \(String(repeating: "x", count: 1_000))\r\n".utf8)
        let script: FakeUpstream.Script = { _ in
            [.send(Array("HTTP/1.1 200 OK\r\n".utf8))]
                + Array(repeating: .send(field), count: 1_000)
        }
        try await withFakeUpstream(script) { upstream in
            try await HTTPClient.with { client in
                await #expect(throws: HTTPClientError.responseTooLarge(limitBytes: 65_536)) {
                    try await client.send(.make(upstream))
                }
            }
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
    ])
    func `what is not a whole HTTP answer fails, and is not sent again`(text: String) async throws {
        let pauses = RecordedPauses()
        try await withFakeUpstream({ _ in .raw(text) }) { upstream in
            try await HTTPClient.with(pacing: pauses.pacing()) { client in
                let error = await #expect(throws: HTTPClientError.self) {
                    try await client.send(.make(upstream, isSafeToRepeat: true))
                }
                guard case .transferFailed = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            #expect(upstream.requests.count == 1)
            #expect(pauses.all.isEmpty)
        }
    }

    @Test(
        arguments: [
            [.close], [.reset],
            .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"),
        ] as [[FakeUpstream.Step]],
        [(true, 3), (false, 1)]
    )
    func `a connection that ends or breaks instead of an answer is lost`(
        steps: [FakeUpstream.Step],
        sent: (isSafeToRepeat: Bool, count: Int)
    ) async throws {
        try await withFakeUpstream({ _ in steps }) { upstream in
            try await HTTPClient.with { client in
                let error = await #expect(throws: HTTPClientError.self) {
                    try await client.send(
                        .make(upstream, isSafeToRepeat: sent.isSafeToRepeat)
                    )
                }
                guard case .connectionLost = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            #expect(upstream.requests.count == sent.count)
        }
    }

    @Test func `an interim answer is not the answer`() async throws {
        let text =
            "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        try await withFakeUpstream({ _ in .raw(text) }) { upstream in
            let response = try await HTTPClient.with { try await $0.send(.make(upstream)) }
            #expect(response.status == 200)
            #expect(response.headers["X-Early"] == nil)
            #expect(response.body == Array("ok".utf8))
        }
    }
}

extension OutgoingRequest {
    /// A POST with a body to a fake server.
    static func make(
        _ upstream: FakeUpstream,
        path: String = "/",
        timeout: Duration = .seconds(20),
        isSafeToRepeat: Bool = false
    ) -> OutgoingRequest {
        OutgoingRequest(
            .post,
            upstream.url(path),
            body: [1],
            timeout: timeout,
            isSafeToRepeat: isSafeToRepeat
        )
    }
}
