import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite(.timeLimit(.minutes(1)))
struct LiveToolTests {
    private static let settings = ["BROKER_WEBHOOK_ALLOW_PRIVATE": "on"]

    /// An agent with a tool that is answered at a URL.
    private func agent(_ bench: LiveBench, tool url: String) async throws -> String {
        let agent = try await bench.send(
            .post,
            "/api/agents",
            [
                "name": "Weather",
                "tools": [
                    [
                        "type": "function", "name": "get_weather",
                        "description": "The weather of a city.",
                        "parameters": [
                            "type": "object", "properties": ["city": ["type": "string"]],
                        ],
                        "x_broker": ["url": .string(url), "timeout_ms": 2_000],
                    ]
                ],
            ]
        )
        return try #require(agent["id"]?.stringValue)
    }

    private func client(_ bench: LiveBench, agent: String) async throws -> RelayClient {
        let session = try await bench.send(
            .post,
            "/api/session",
            [
                "agent_id": .string(agent), "transport": "websocket",
                "session": ["output_modalities": ["text"]],
            ]
        )
        let secret = try #require(session["client_secret"]?["value"]?.stringValue)
        let log = SocketLog(loop: bench.sockets.carrying)
        let opener = try UpstreamSocketOpener(
            base: try UpstreamURL(bench.origin + "/v1"),
            key: try #require(UpstreamKey(secret)),
            settings: UpstreamSocketOpener.Settings(),
            loop: bench.sockets.connecting
        )
        try await opener.open(.session(model: "any")).start(on: bench.sockets.carrying) { log }
        let client = RelayClient(log: log)
        _ = try await client.events(until: "session.created")
        return client
    }

    @Test(arguments: [
        (200, #"{"celsius":31}"#, #"{"celsius":31}"#),
        (400, "no such city", #"{"error":"The tool failed."}"#),
    ])
    func `a tool with a webhook is called, and the model told`(
        status: Int,
        body: String,
        told: String
    ) async throws {
        let receiver = try FakeUpstream { _ in .answer(status, body) }
        defer { receiver.stop() }
        try await withLiveBench(settings: Self.settings) { bench in
            let agent = try await agent(bench, tool: receiver.url("/weather"))
            let client = try await client(bench, agent: agent)
            await client.say("Please get the weather of Graz.")
            var events = try await client.events(until: "response.done")
            events += try await client.events(until: "response.done")
            #expect(!JSONValue.array(events).text.contains("get_weather\",\"arguments"))
            await client.log.perform { $0.close(.normal) }
            _ = try await bench.endReason()
            let said = try await bench.transcript()
            #expect(said.contains("tool: \(told)"), "\(said)")
            #expect(receiver.requests.count == 1)
            let sent = try JSONValue(parsing: try #require(receiver.requests.first).body)
            #expect(sent["name"] == "get_weather")
            #expect(sent["agent_id"] == .string(agent))
        }
    }

    @Test func `what a session consumes is recorded`() async throws {
        try await withLiveBench { bench in
            let client = RelayClient(log: try await bench.sockets.start())
            await client.say("Hello.")
            _ = try await client.events(until: "response.done")
            await client.log.perform { $0.close(.normal) }
            _ = try await bench.endReason()
            let usage = try await bench.send(.get, "/api/usage?group_by=model")
            #expect(usage["data"]?.arrayValue?.first?["model"] == "gpt-realtime")
            let responses = usage["total"]?["responses"]?.integerValue
            #expect(responses == 1, "\(usage.text)")
        }
    }
}
