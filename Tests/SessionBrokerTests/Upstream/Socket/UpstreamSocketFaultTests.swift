import Testing
import WebServer

@testable import SessionBroker

@Suite(.timeLimit(.minutes(1)))
struct UpstreamSocketFaultTests {
    private let failure = UpstreamFailure(scrubber: Scrubber(keys: []), unixSeconds: { 0 })

    /// What an attempt fails with when its request is answered with a text and the end.
    private func failure(answer: String) async throws -> UpstreamSocketError? {
        try await withFakeUpstream({ _ in .raw(answer) }) { upstream in
            var error: UpstreamSocketError?
            try await withSocketBench(upstream.url()) { error = await $0.failure() }
            return error
        }
    }

    @Test func `a refusal is told with its status and its words, without the key`() async throws {
        let body = """
            {"error": {"message": "Incorrect API key provided: \(SocketBench.key).", \
            "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}}
            """
        try await withFakeUpstream({ _ in .answer(401, body) }) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                let error = try #require(await bench.failure())
                guard case .rejected(let rejection) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(rejection.status == 401)
                #expect(rejection.text.contains("Incorrect API key provided: <redacted>"))
                var dumped = ""
                dump(error, to: &dumped)
                for text in ["\(error)", String(reflecting: error), dumped] {
                    #expect(!text.contains("0123456789"))
                }
                let answer = try #require(failure.socketError(for: error) as? HTTPError)
                #expect(answer.code == "upstream_rejected_key")
                #expect(answer.status == 502)
            }
        }
    }

    @Test func `a refusal for a while says when to come back`() async throws {
        let error = try await failure(
            answer: "HTTP/1.1 429 No\r\nRetry-After: 7\r\n\r\n"
                + #"{"error": {"message": "Slow down.", "code": "slow_down"}}"#
        )
        let told = failure.socketError(for: try #require(error))
        let answer = try #require(told as? HTTPError)
        #expect(answer.status == 429)
        #expect(answer.code == "slow_down")
        #expect(answer.headers["Retry-After"] == "7")
    }

    @Test(arguments: [200, 302, 404, 426, 503])
    func `any status but 101 is a refusal`(status: Int) async throws {
        let error = try await failure(answer: "HTTP/1.1 \(status) Status\r\n\r\nplain words")
        guard case .rejected(let rejection) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(rejection.status == status)
        #expect(rejection.text == "plain words")
    }

    @Test func `garbage is told as such, and so is a header without end`() async throws {
        let garbage = try await failure(answer: "SSH-2.0-OpenSSH_9.2\r\n")
        #expect(garbage == .malformedAnswer("its first line is no status line"))
        let endless = "HTTP/1.1 101 Yes\r\n" + String(repeating: "X: y\r\n", count: 4_000)
        #expect(try await failure(answer: endless) == .headTooLarge(limitBytes: 16_384))
    }

    @Test(arguments: [
        ("Upgrade: websocket\r\nConnection: Upgrade\r\n", "Accept"),
        (
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
            "Accept"
        ),
        ("Connection: Upgrade\r\n", "upgrade"),
    ])
    func `a 101 that does not answer our key is none`(fields: String, word: String) async throws {
        let error = try await failure(answer: "HTTP/1.1 101 Yes\r\n\(fields)\r\n")
        guard case .upgradeNotConfirmed(let why) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(why.contains(word))
    }

    @Test(arguments: [[.close], [.reset]] as [[FakeUpstream.Step]])
    func `a connection that ends instead of an answer is lost`(
        steps: [FakeUpstream.Step]
    ) async throws {
        try await withFakeUpstream({ _ in steps }) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                #expect(await bench.failure() == .connectionLost)
            }
        }
    }

    @Test func `silence ends with the attempt's time, and closes`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            try await withSocketBench(
                upstream.url(),
                settings: { $0.timeout = .milliseconds(60) }
            ) { bench in
                #expect(await bench.failure() == .timedOut(.upgrading))
                #expect(await upstream.nextClosure() == 0)
            }
            // No TLS will ever be answered there.
            try await withSocketBench(
                "https://127.0.0.1:\(upstream.port)",
                settings: { $0.timeout = .milliseconds(60) }
            ) { bench in
                #expect(await bench.failure() == .timedOut(.connecting))
                #expect(await upstream.nextClosure() == 1)
            }
            try await withSocketBench(
                "https://127.0.0.1:\(upstream.port)",
                settings: { $0.connection.connectTimeout = .milliseconds(60) }
            ) { bench in
                #expect(await bench.failure() == .timedOut(.connecting))
            }
        }
    }

    @Test func `a host that is not there, or that nobody knows, is told`() async throws {
        let upstream = try FakeUpstream.refusing()
        defer { upstream.stop() }
        try await withSocketBench(upstream.url()) { bench in
            let error = await bench.failure()
            guard case .connectFailed(let why) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(why.contains("127.0.0.1"))
        }
        try await withSocketBench("http://nowhere.invalid") { bench in
            let error = await bench.failure()
            guard case .hostNotFound(let why) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(why.contains("nowhere.invalid"))
        }
    }

    @Test func `a header value that breaks out of its line is not sent`() async throws {
        try await withFakeUpstream({ _ in [.close] }) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                let error = await #expect(throws: UpstreamSocketError.self) {
                    try await bench.opener.open(.transcription, safetyIdentifier: "a\r\nb: c")
                }
                guard case .invalidRequest = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            #expect(upstream.connectionCount == 0)
        }
    }

    @Test func `one attempt too many is refused, and its place is given on`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            try await withSocketBench(upstream.url(), settings: { $0.attemptLimit = 1 }) { bench in
                let first = Task { try await bench.opener.open(.transcription) }
                await upstream.nextArrival()
                #expect(await bench.failure() == .overloaded)
                first.cancel()
                await #expect(throws: CancellationError.self) { try await first.value }
                let second = Task { try await bench.opener.open(.transcription) }
                await upstream.nextArrival()
                second.cancel()
                await #expect(throws: CancellationError.self) { try await second.value }
            }
        }
    }

    // MARK: Endings

    @Test(arguments: ["http", "https"])
    func `cancelling the task closes the connection, in either phase`(
        scheme: String
    ) async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            try await withSocketBench("\(scheme)://127.0.0.1:\(upstream.port)") { bench in
                let task = Task { try await bench.opener.open(.transcription) }
                if scheme == "http" {
                    await upstream.nextArrival()
                } else {
                    // A hello of TLS never is a request: the connection alone can be seen.
                    while upstream.connectionCount == 0 { await Task.yield() }
                }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(await upstream.nextClosure() == 0)
            }
        }
    }

    @Test func `a task that was cancelled before connects to nobody`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await bench.opener.open(.transcription)
                }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(upstream.connectionCount == 0)
        }
    }

    @Test func `the end of the connecting loop ends attempts, and refuses new ones`()
        async throws
    {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            try await withSocketBench(upstream.url()) { bench in
                async let failure = bench.failure()
                await upstream.nextArrival()
                await bench.connecting.shutDown(limit: .seconds(5))
                #expect(await failure == .shutDown)
                #expect(await bench.failure() == .shutDown)
                #expect(await upstream.nextClosure() == 0)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct UpstreamSocketTrustTests {
    private func expectTLSFailure(
        _ base: String,
        trusting file: String?,
        because word: String
    ) async throws {
        try await withSocketBench(
            base,
            settings: { $0.connection.certificateFile = file }
        ) { bench in
            let error = await bench.failure()
            guard case .tlsFailed(let why) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(why.contains(word))
        }
    }

    @Test func `a certificate that nobody vouches for is not trusted`() async throws {
        try await TestCertificate.with { certificate in
            try await withEchoServer(tls: certificate.tls) { base in
                try await expectTLSFailure(base, trusting: nil, because: "self-signed")
            }
        }
    }

    @Test func `another host's certificate is not taken`() async throws {
        try await TestCertificate.with(address: "DNS:example.com") { certificate in
            try await withEchoServer(tls: certificate.tls) { base in
                try await expectTLSFailure(base, trusting: certificate.file, because: "127.0.0.1")
            }
        }
    }

    @Test func `a server that speaks no TLS is told as such`() async throws {
        try await withEchoServer { base in
            let secure = base.replacing("http:", with: "https:")
            try await expectTLSFailure(secure, trusting: nil, because: "SSL")
        }
    }

    @Test func `a file without certificates is refused before anything is opened`() throws {
        let loop = EventLoop()
        let key = try #require(UpstreamKey(SocketBench.key))
        var settings = UpstreamSocketOpener.Settings()
        settings.connection.certificateFile = "/nonexistent.pem"
        #expect(
            throws: UpstreamSocketError.tlsFailed(
                "no certificates can be read from /nonexistent.pem"
            )
        ) {
            try UpstreamSocketOpener(
                base: try UpstreamURL("https://example.com"),
                key: key,
                settings: settings,
                loop: loop
            )
        }
    }
}
