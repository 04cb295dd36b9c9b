import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct MintTests {
    private static let keyText = "sk-proj-AbCdEf0123456789QRSTUVWX"

    @Test func `a secret is minted with the session as it was given`() async throws {
        let answer = #"""
            {"value":"ek_123","expires_at":1784852564,"session":{"type":"realtime","id":"sess_1"}}
            """#
        try await withFakeUpstream({ _ in .answer(200, answer) }) { upstream in
            let secret = try await mint(upstream, expiresAfterSeconds: 60, safetyIdentifier: "h1")
            #expect(secret.value.plaintext == "ek_123")
            #expect(secret.expiresAt == 1_784_852_564)
            #expect(secret.session == ["type": "realtime", "id": "sess_1"])
            #expect(!"\(secret)".contains("ek_123"))
            let request = try #require(upstream.requests.first)
            #expect(request.method == "POST")
            #expect(request.target == "/v1/realtime/client_secrets")
            #expect(request.headers["Authorization"] == "Bearer \(Self.keyText)")
            #expect(request.headers["Content-Type"] == "application/json")
            #expect(request.headers["OpenAI-Safety-Identifier"] == "h1")
            #expect(
                try JSONValue(parsing: request.body) == [
                    "expires_after": ["anchor": "created_at", "seconds": 60],
                    "session": ["type": "realtime", "new_field": [1, nil]],
                ]
            )
        }
    }

    @Test func `what was not asked for is not sent, and an answer without session is taken`()
        async throws
    {
        let script: FakeUpstream.Script = { _ in .answer(200, #"{"value":"x","expires_at":1}"#) }
        try await withFakeUpstream(script) { upstream in
            let secret = try await mint(upstream)
            #expect(secret.session.isEmpty)
            let request = try #require(upstream.requests.first)
            #expect(request.headers["OpenAI-Safety-Identifier"] == nil)
            #expect(try JSONValue(parsing: request.body)["expires_after"] == nil)
        }
    }

    @Test(arguments: Case.all)
    func `each failure upstream has its error here`(_ test: Case) async throws {
        try await withFakeUpstream({ _ in test.steps }) { upstream in
            let error = try await failure { try await mint(upstream) }
            #expect(error.status == test.status)
            #expect(error.type == test.type)
            #expect(error.code == test.code)
            if let message = test.message { #expect(error.message == message) }
            #expect(error.param == test.param)
            #expect(error.headers["Retry-After"] == test.retryAfter)
            #expect(error.upstream?["status"]?.integerValue == test.upstreamStatus)
        }
    }

    @Test func `upstream's words are kept, but nothing of the key`() async throws {
        let echo =
            #"{"error":{"message":"Bad: \#(Self.keyText) / sk-proj-****UVWX / 9QRSTUVWX","#
            + #""type":"t","param":null,"code":"invalid_api_key","status":401}}"#
        try await withFakeUpstream({ _ in .answer(401, echo) }) { upstream in
            let error = try await failure { try await mint(upstream) }
            #expect(error.status == 502)
            #expect(
                error.upstream == [
                    "status": 401, "message": "Bad: <redacted> / <redacted> / <redacted>",
                    "code": "invalid_api_key",
                ]
            )
            var dumped = ""
            dump(error, to: &dumped)
            #expect(!dumped.contains("UVWX"))
        }
    }

    @Test func `a message of any length is cut`() async throws {
        let long = String(repeating: "ü", count: 100_000)
        let script: FakeUpstream.Script = { _ in
            .answer(400, #"{"error":{"message":"\#(long)"}}"#)
        }
        try await withFakeUpstream(script) { upstream in
            let error = try await failure { try await mint(upstream) }
            #expect(error.message == String(repeating: "ü", count: 1_000))
        }
    }

    @Test func `silence is a 504`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            let error = try await failure { try await mint(upstream, timeout: .milliseconds(50)) }
            #expect(error.status == 504)
            #expect(error.type == "upstream_error")
            #expect(error.code == "upstream_timeout")
        }
    }

    @Test func `nobody there is a 502`() async throws {
        let gone = try FakeUpstream.refusing()
        defer { gone.stop() }
        let error = try await failure { try await mint(gone) }
        #expect(error.status == 502)
        #expect(error.code == "upstream_unreachable")
        #expect(error.underlying is HTTPClientError)
    }

    @Test func `a rate limit that ends in time is waited for`() async throws {
        let script: FakeUpstream.Script = { request in
            request.connection == 0
                ? .answer(429, headers: ["Retry-After: 1", "Connection: close"]) + [.close]
                : .answer(200, #"{"value":"ek_1","expires_at":1}"#)
        }
        try await withFakeUpstream(script) { upstream in
            let secret = try await mint(upstream)
            #expect(secret.value.plaintext == "ek_1")
            #expect(upstream.requests.count == 2)
        }
    }

    @Test func `cancellation is not an error of upstream's`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            let task = Task { try await mint(upstream) }
            await upstream.nextArrival()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    // MARK: Helpers

    @discardableResult
    private func mint(
        _ upstream: FakeUpstream,
        expiresAfterSeconds: Int? = nil,
        safetyIdentifier: String? = nil,
        timeout: Duration = .seconds(20)
    ) async throws -> MintedSecret {
        let key = try #require(UpstreamKey(Self.keyText))
        let base = try UpstreamURL(upstream.url("/v1/"))
        return try await HTTPClient.with { http in
            let client = OpenAIClient(
                base: base,
                key: key,
                http: http,
                timeout: timeout,
                unixSeconds: { 784_111_740 }
            )
            return try await client.mint(
                session: ["type": "realtime", "new_field": [1, nil]],
                expiresAfterSeconds: expiresAfterSeconds,
                safetyIdentifier: safetyIdentifier
            )
        }
    }

    private func failure(_ body: () async throws -> MintedSecret) async throws -> HTTPError {
        do {
            _ = try await body()
        } catch let error as HTTPError {
            return error
        }
        throw Unexpected()
    }

    private struct Unexpected: Error {}
}

extension MintTests {
    /// What upstream does, and the error that follows.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var steps: [FakeUpstream.Step]
        var status: Int
        var type: String
        var code: String
        var message: String?
        var param: String?
        var retryAfter: String?
        var upstreamStatus: Int64?

        static let all = callersMistakes + operatorsProblems + limits + malformed

        private static func make(
            _ description: String,
            _ upstreamStatus: Int,
            _ body: String,
            _ headers: [String] = [],
            gives status: Int,
            _ type: String,
            _ code: String,
            _ message: String? = nil,
            param: String? = nil,
            retryAfter: String? = nil
        ) -> Case {
            Case(
                testDescription: description,
                steps: .answer(upstreamStatus, body, headers: headers),
                status: status,
                type: type,
                code: code,
                message: message,
                param: param,
                retryAfter: retryAfter,
                upstreamStatus: Int64(upstreamStatus)
            )
        }

        private static func envelope(_ message: String, _ code: String?, _ param: String?) -> String
        {
            JSONValue.object([
                "error": [
                    "message": .string(message), "type": "invalid_request_error",
                    "param": .optional(param), "code": .optional(code),
                ]
            ]).text
        }

        private static let callersMistakes = [
            make(
                "an unknown parameter",
                400,
                envelope("Unknown parameter: 'session.x'.", "unknown_parameter", "session.x"),
                gives: 400,
                "invalid_request_error",
                "unknown_parameter",
                "Unknown parameter: 'session.x'.",
                param: "session.x"
            ),
            make(
                "a 422 without code",
                422,
                envelope("No.", nil, "session.type"),
                gives: 400,
                "invalid_request_error",
                "invalid_request",
                "No.",
                param: "session.type"
            ),
            make(
                "an unknown model",
                404,
                envelope("No such model.", "model_not_found", nil),
                gives: 400,
                "invalid_request_error",
                "model_not_found"
            ),
            make(
                "an empty param",
                400,
                envelope("No.", "c", ""),
                gives: 400,
                "invalid_request_error",
                "c"
            ),
            make(
                "a compatible server's form",
                400,
                #"{"code":"bad","error":"No."}"#,
                gives: 400,
                "invalid_request_error",
                "bad",
                "No."
            ),
        ]

        private static let operatorsProblems = [
            make(
                "a wrong key",
                401,
                envelope("Incorrect.", "invalid_api_key", nil),
                gives: 502,
                "upstream_error",
                "upstream_rejected_key"
            ),
            make(
                "a wrong key, as a 400",
                400,
                envelope("Incorrect.", "invalid_api_key", nil),
                gives: 502,
                "upstream_error",
                "upstream_rejected_key"
            ),
            make(
                "a forbidden key",
                403,
                "",
                gives: 502,
                "upstream_error",
                "upstream_rejected_key"
            ),
            make(
                "a wrong base URL",
                404,
                envelope("Unknown request URL.", "unknown_url", nil),
                gives: 502,
                "upstream_error",
                "upstream_failed"
            ),
            make(
                "a 400 of another server",
                400,
                "<html>",
                gives: 502,
                "upstream_error",
                "upstream_failed"
            ),
            make("a redirect", 302, "", gives: 502, "upstream_error", "upstream_failed"),
            make("a crash", 500, "oops", gives: 502, "upstream_error", "upstream_failed"),
            make(
                "maintenance",
                503,
                "",
                ["Retry-After: 3600"],
                gives: 502,
                "upstream_error",
                "upstream_failed",
                retryAfter: "3600"
            ),
        ]

        private static let limits = [
            make(
                "a rate limit with seconds",
                429,
                envelope("Slow down.", "rate_limit_exceeded", nil),
                ["Retry-After: 3600"],
                gives: 429,
                "rate_limit_error",
                "rate_limit_exceeded",
                "Slow down.",
                retryAfter: "3600"
            ),
            make(
                "a rate limit with a date",
                429,
                "",
                ["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"],
                gives: 429,
                "rate_limit_error",
                "rate_limit_exceeded",
                retryAfter: "37"
            ),
            make(
                "a used-up quota, with no time",
                429,
                envelope("Quota.", "insufficient_quota", nil),
                gives: 429,
                "rate_limit_error",
                "insufficient_quota",
                retryAfter: "10"
            ),
        ]

        private static let malformed =
            [
                "not JSON", "[]", "{}", #"{"value":"","expires_at":1}"#, #"{"value":"ek_1"}"#,
                #"{"value":1,"expires_at":1}"#, #"{"client_secret":{"value":"ek","expires_at":1}}"#,
            ].map {
                make(
                    "the answer \($0)",
                    200,
                    $0,
                    gives: 502,
                    "upstream_error",
                    "upstream_malformed_answer"
                )
            }
            + [
                Case(
                    testDescription: "an answer that breaks off",
                    steps: .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
                    status: 502,
                    type: "upstream_error",
                    code: "upstream_malformed_answer"
                )
            ]
    }
}
