import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct ModelRequestTests {
    private static let keyText = "sk-proj-AbCdEf0123456789QRSTUVWX"

    private static let request = ModelRequest(
        model: "gpt-x",
        instructions: "Be brief.",
        input: "> Hello.",
        format: .init(name: "notes", schema: ["type": "object"]),
        maximumOutputTokens: 500,
        safetyIdentifier: "h1"
    )

    @Test func `a question has upstream's form, and nothing of it is to be kept`() async throws {
        try await withFakeUpstream({ _ in .answer(200, modelAnswer("{}")) }) { upstream in
            let answer = try await respond(upstream)
            #expect(answer.outcome == .text("{}"))
            #expect(answer.totalTokens == 100)
            let sent = try #require(upstream.requests.first)
            #expect(sent.method == "POST")
            #expect(sent.target == "/v1/responses")
            #expect(sent.headers["Authorization"] == "Bearer \(Self.keyText)")
            #expect(
                try JSONValue(parsing: sent.body) == [
                    "model": "gpt-x", "instructions": "Be brief.",
                    "input": [
                        [
                            "type": "message", "role": "user",
                            "content": [["type": "input_text", "text": "> Hello."]],
                        ]
                    ],
                    "max_output_tokens": 500, "store": false,
                    "text": [
                        "format": [
                            "type": "json_schema", "name": "notes",
                            "schema": ["type": "object"], "strict": true,
                        ]
                    ],
                    "safety_identifier": "h1",
                ]
            )
        }
    }

    @Test(arguments: [
        (#"{"output":[],"status":"incomplete","incomplete_details":{"reason":"r"}}"#, "incomplete"),
        (#"{"output":[],"status":"failed","error":{"code":"c","message":"m"}}"#, "failed"),
        (
            #"{"output":[{"type":"message","content":[{"type":"refusal","refusal":"No."}]}]}"#,
            "refusal"
        ),
        (
            #"{"output":[{"type":"message","content":[{"type":"output_text","text":"a"},"#
                + #"{"type":"output_text","text":"b"}]}],"usage":{"input_tokens":3,"output_tokens":4}}"#,
            "text"
        ),
    ])
    func `an answer is whole, cut off, failed or a refusal`(_ body: String, _ kind: String)
        async throws
    {
        let expected: [String: ModelResponse.Outcome] = [
            "incomplete": .incomplete(reason: "r"), "failed": .failed(code: "c"),
            "refusal": .refusal("No."), "text": .text("ab"),
        ]
        try await withFakeUpstream({ _ in .answer(200, body) }) { upstream in
            let answer = try await respond(upstream)
            #expect(answer.outcome == expected[kind])
            #expect(answer.totalTokens == (kind == "text" ? 7 : nil))
        }
    }

    @Test(arguments: [
        "", "{", "[]", #"{"id":"resp_1"}"#, #"{"output":[],"status":"completed"}"#,
        #"{"output":[],"status":"in_progress"}"#,
    ])
    func `what is no answer is an error of upstream's`(_ body: String) async throws {
        try await withFakeUpstream({ _ in .answer(200, body) }) { upstream in
            let error = try await failure(upstream)
            #expect(error.status == 502)
            #expect(error.code == "upstream_malformed_answer")
        }
    }

    @Test func `a limit of the rate is told and not waited for, because every try may cost`()
        async throws
    {
        let limited = [FakeUpstream.Step].answer(429, "{}", headers: ["Retry-After: 1"])
        try await withFakeUpstream({ _ in limited }) { upstream in
            let error = try await failure(upstream)
            #expect(error.status == 429)
            #expect(error.headers["Retry-After"] == "1")
            #expect(upstream.requests.count == 1)
        }
    }

    @Test func `a failure upstream is one here, and silence ends by the given time`()
        async throws
    {
        try await withFakeUpstream({ _ in .answer(503, "busy") }) { upstream in
            let error = try await failure(upstream)
            #expect(error.code == "upstream_failed")
        }
        try await withFakeUpstream({ _ in [.hold] }) { upstream in
            let error = try await failure(upstream, timeout: .milliseconds(50))
            #expect(error.code == "upstream_timeout")
        }
    }

    @Test func `no error holds the key, whatever upstream echoes`() async throws {
        let echo = #"{"error":{"message":"Bad key: \#(Self.keyText)","code":"\#(Self.keyText)"}}"#
        for status in [400, 401, 429, 500] {
            try await withFakeUpstream({ _ in .answer(status, echo) }) { upstream in
                var dumped = ""
                dump(try await failure(upstream), to: &dumped)
                #expect(!dumped.contains("UVWX"))
            }
        }
    }

    // MARK: Helpers

    private func respond(
        _ upstream: FakeUpstream,
        timeout: Duration = .seconds(20)
    ) async throws -> ModelResponse {
        let key = try #require(UpstreamKey(Self.keyText))
        let base = try UpstreamURL(upstream.url("/v1"))
        return try await HTTPClient.with { http in
            try await OpenAIClient(base: base, key: key, http: http)
                .respond(Self.request, timeout: timeout)
        }
    }

    private func failure(
        _ upstream: FakeUpstream,
        timeout: Duration = .seconds(20)
    ) async throws -> HTTPError {
        do {
            _ = try await respond(upstream, timeout: timeout)
        } catch let error as HTTPError {
            return error
        }
        struct Unexpected: Error {}
        throw Unexpected()
    }
}
