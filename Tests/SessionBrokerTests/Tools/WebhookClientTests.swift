import ContextStore
import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct WebhookClientTests {
    // MARK: What is sent

    @Test func `a tool gets who calls, what and for whom, signed`() async throws {
        try await withFakeUpstream({ _ in .answer(200, #"{"sky": "blue"}"#) }) { server in
            try await WebhookBench.with { bench in
                let output = try await bench.output(at: server, headers: ["X-Key": "sesame"])
                #expect(output == #"{"sky": "blue"}"#)
                let request = try #require(server.requests.first)
                #expect(request.method == "POST" && request.target == "/weather")
                #expect(request.headers["Content-Type"] == "application/json")
                #expect(request.headers["X-Key"] == "sesame")
                #expect(
                    try JSONValue(parsing: request.body) == [
                        "type": "tool.call", "call_id": "call_1", "name": "weather",
                        "arguments": ["city": "Oslo"],
                        "session_id": .string(bench.origin.session.text),
                        "conversation_id": .string(bench.origin.conversation.text),
                        "user_id": "ada", "agent_id": .optional(bench.origin.agent?.text),
                    ]
                )
                #expect(request.headers["webhook-id"] == "call_1")
                #expect(request.headers["webhook-timestamp"] == "1000000000")
                let expected = try WebhookSignature(
                    of: request.body,
                    id: "call_1",
                    timestamp: 1_000_000_000,
                    secret: try #require(WebhookSecret(WebhookBench.secret))
                )
                #expect(request.headers["webhook-signature"] == expected.signature)
            }
        }
    }

    @Test(
        arguments: [
            ("{\"a\": {\"b\": [1]}}", ["a": ["b": [1]]]), ("", ""), ("{\"a\": ", "{\"a\": "),
            ("[1]", [1]), ("Oslo", "Oslo"), ("{\"n\": 1e999}", "{\"n\": 1e999}"),
        ] as [(String, JSONValue)]
    )
    func `arguments are the value that they are, or their text`(
        arguments: String,
        expected: JSONValue
    ) async throws {
        try await WebhookBench.with { bench in
            let call = ToolCall(id: "call_1", name: "weather", arguments: arguments)
            let body = try JSONValue(parsing: WebhookClient.body(of: call, for: bench.origin))
            #expect(body["arguments"] == expected)
        }
    }

    // MARK: What comes back

    @Test(arguments: [(200, "sunny"), (200, #"{"a":1}"#), (201, ""), (202, "grüß"), (204, "")])
    func `the body of a success is the output as it is`(status: Int, body: String) async throws {
        try await withFakeUpstream({ _ in .answer(status, body) }) { server in
            try await WebhookBench.with { bench in
                let output = try await bench.output(at: server)
                #expect(output == body)
            }
        }
    }

    @Test func `an output may have 64 KiB`() async throws {
        let script: FakeUpstream.Script = { request in
            .answer(
                200,
                String(repeating: "x", count: request.target == "/large" ? 65_537 : 65_536)
            )
        }
        try await withFakeUpstream(script) { server in
            try await WebhookBench.with { bench in
                let output = try await bench.output(at: server)
                #expect(output.utf8.count == 65_536)
                let error = await bench.error(at: server, path: "/large")
                #expect(error == .tooLarge(limitBytes: 65_536))
            }
        }
    }

    @Test func `an output without end is cut off`() async throws {
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n".utf8)
        let script: FakeUpstream.Script = { _ in
            [.send(head)] + (0..<64).map { _ in .send([UInt8](repeating: 0x78, count: 65_536)) }
        }
        try await withFakeUpstream(script) { server in
            try await WebhookBench.with { bench in
                guard case .tooLarge = await bench.error(at: server) else {
                    Issue.record("it was taken")
                    return
                }
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `bytes that are no text are refused`() async throws {
        let script: FakeUpstream.Script = { _ in
            [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n".utf8) + [0xC3, 0x28])]
        }
        try await withFakeUpstream(script) { server in
            try await WebhookBench.with { bench in
                #expect(await bench.error(at: server) == .notText)
            }
        }
    }

    @Test(arguments: [301, 302, 307, 308])
    func `a redirect is not followed`(status: Int) async throws {
        try await withFakeUpstream({ _ in .answer(200, "elsewhere") }) { elsewhere in
            let headers = ["Location: \(elsewhere.url())"]
            let script: FakeUpstream.Script = { _ in .answer(status, headers: headers) }
            try await withFakeUpstream(script) { server in
                try await WebhookBench.with { bench in
                    #expect(await bench.error(at: server) == .status(status))
                }
            }
            #expect(elsewhere.connectionCount == 0)
        }
    }

    // MARK: Time

    @Test func `a tool that says nothing is given up when its time is over`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { server in
            try await WebhookBench.with { bench in
                #expect(await bench.error(at: server, timeoutMs: 100) == .timedOut)
            }
            #expect(server.requests.count <= 1)
        }
    }

    @Test func `a pause that ends after the tool's time is not begun`() async throws {
        let script: FakeUpstream.Script = { _ in .answer(503, headers: ["Retry-After: 31"]) }
        try await withFakeUpstream(script) { server in
            let pauses = RecordedPauses()
            try await WebhookBench.with(pacing: pauses.pacing()) { bench in
                #expect(await bench.error(at: server) == .status(503))
            }
            #expect(pauses.all.isEmpty && server.requests.count == 1)
        }
    }

    @Test func `cancelling the task ends the call`() async throws {
        try await withFakeUpstream({ _ in [.hold] }) { server in
            try await WebhookBench.with { bench in
                let task = Task { try await bench.output(at: server) }
                await server.nextArrival()
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(await server.nextClosure() == 0)
            }
        }
    }
}
