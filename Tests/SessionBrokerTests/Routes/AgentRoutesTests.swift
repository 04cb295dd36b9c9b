import ContextStore
import JSON
import Testing
import WebServer

@testable import SessionBroker

/// Webhooks of agents and sessions, from the request to the row.
@Suite struct AgentRoutesTests {
    private static let secret = "open-sesame-0123456789"

    private let hook: JSONValue = [
        "url": "https://tools.example/weather", "headers": ["X-Key": .string(secret)],
        "timeout_ms": 5_000,
    ]
    private let shown: JSONValue = [
        "url": "https://tools.example/weather", "headers": ["X-Key": "<redacted>"],
        "timeout_ms": 5_000,
    ]

    private func makeAgent(_ broker: TestBroker, _ tools: [JSONValue]) async -> Answer {
        await broker.send(.post, "/api/agents", ["name": "Skipper", "tools": .array(tools)])
    }

    /// The webhooks of the session that an agent makes.
    private func webhooks(_ broker: TestBroker, _ session: Answer) async throws -> ToolWebhooks {
        let id = try #require(SessionID(session.string("id")))
        let stored = try await broker.store.user(.make()).session(id)
        return try broker.vault().webhooks(of: stored, of: .make())
    }

    @Test func `no answer and no row holds a header's value`() async throws {
        try await withBroker { broker in
            let made = await makeAgent(broker, [.tool(at: hook)])
            #expect(made.status == 201)
            let path = "/api/agents/\(made.string("id"))"
            let session = await broker.send(
                .post,
                "/api/session",
                ["agent_id": .string(made.string("id"))]
            )
            #expect(session.status == 201)
            for answer in [
                made, session, await broker.send(.get, path),
                await broker.send(.get, "/api/agents"),
                await broker.send(.get, "/api/session/\(session.string("id"))"),
                await broker.send(.patch, path, ["voice": "ash"]),
                await broker.send(.patch, path, ["tools": [.tool(at: hook)]]),
            ] {
                #expect(!answer.text.contains(Self.secret))
            }
            #expect(await broker.send(.get, path)["tools"] == [.tool(at: shown)])
            let sent = broker.upstream.requests.map { String(decoding: $0.body, as: UTF8.self) }
            #expect(sent.allSatisfy { !$0.contains("x_broker") && !$0.contains("tools.example") })
            let bytes = String(decoding: try broker.databaseBytes(), as: UTF8.self)
            #expect(bytes.contains("Skipper"))
            #expect(!bytes.contains(Self.secret) && !bytes.contains("tools.example"))
        }
    }

    @Test func `a session takes its agent's webhooks along`() async throws {
        try await withBroker { broker in
            let agent = await makeAgent(broker, [.tool(at: hook), .tool("plain")])
            let session = await broker.send(
                .post,
                "/api/session",
                ["agent_id": .string(agent.string("id"))]
            )
            _ = await broker.send(.delete, "/api/agents/\(agent.string("id"))")
            let webhooks = try await webhooks(broker, session)
            #expect(webhooks["weather"]?.headers.first?.value == Self.secret)
            #expect(webhooks["weather"]?.timeout == .seconds(5))
            #expect(webhooks["plain"] == nil)
        }
    }

    @Test func `a session has webhooks of its own`() async throws {
        try await withBroker { broker in
            let tools: JSONValue = [.tool(at: hook)]
            for body in [["tools": tools], ["session": ["tools": tools]]] as [JSONValue] {
                let session = await broker.send(.post, "/api/session", body)
                #expect(session.status == 201)
                let own = try await webhooks(broker, session)
                #expect(own["weather"]?.url == "https://tools.example/weather")
            }
            let plain = await broker.send(.post, "/api/session", ["tools": [.tool()]])
            let none = try await webhooks(broker, plain)
            #expect(none.isEmpty)
        }
    }

    @Test func `a change of other fields keeps the webhooks, one of the tools what it asks for`()
        async throws
    {
        try await withBroker { broker in
            let agent = await makeAgent(broker, [.tool(at: hook)])
            let path = "/api/agents/\(agent.string("id"))"
            let named = await broker.send(.patch, path, ["name": "Mate"])
            #expect(named["tools"] == [.tool(at: shown)])
            let added = await broker.send(
                .patch,
                path,
                ["tools": [.tool("new"), .tool(at: shown)]]
            )
            #expect(added["tools"] == [.tool("new"), .tool(at: shown)])
            let session = await broker.send(
                .post,
                "/api/session",
                ["agent_id": .string(agent.string("id"))]
            )
            let webhooks = try await webhooks(broker, session)
            #expect(webhooks["weather"]?.headers.first?.value == Self.secret)
            let cleared = await broker.send(.patch, path, ["tools": nil])
            #expect(cleared["tools"] == [])
        }
    }

    @Test func `a key is not sent to another server than it was given for`() async throws {
        try await withBroker { broker in
            let agent = await makeAgent(broker, [.tool(at: hook)])
            let moved: JSONValue = [
                "url": "https://evil.example/", "headers": ["X-Key": "<redacted>"],
            ]
            let answer = await broker.send(
                .patch,
                "/api/agents/\(agent.string("id"))",
                ["tools": [.tool(at: moved)]]
            )
            #expect(answer.status == 400)
            #expect(answer.errorParam == "tools[0].x_broker.headers.X-Key")
        }
    }

    private static let wrongTools: [(JSONValue, String)] = [
        (.tool(at: ["url": "ftp://a"]), "tools[0].x_broker.url"),
        (.tool(at: [:]), "tools[0].x_broker.url"),
        (.tool(at: "sealed"), "tools[0].x_broker"),
        (
            ["type": "mcp", "server_label": "a", "x_broker": ["url": "https://a"]],
            "tools[0].x_broker"
        ),
        (
            .tool(at: ["url": "https://a", "headers": ["X-Key": "<redacted>"]]),
            "tools[0].x_broker.headers.X-Key"
        ),
        (
            ["type": "mcp", "server_label": "a", "authorization": 7],
            "tools[0].authorization"
        ),
        (
            ["type": "mcp", "server_label": "a", "headers": ["X-Key": "<redacted>"]],
            "tools[0].headers.X-Key"
        ),
    ]

    @Test func `credentials of an MCP server reach upstream, and no answer and no row`()
        async throws
    {
        try await withBroker { broker in
            let server: JSONValue = [
                "type": "mcp", "server_label": "docs", "server_url": "https://docs.example/mcp",
                "authorization": .string(Self.secret),
            ]
            let made = await makeAgent(broker, [server])
            #expect(made["tools"]?.arrayValue?.first?["authorization"] == "<redacted>")
            let ofAgent = await broker.send(
                .post,
                "/api/session",
                ["agent_id": .string(made.string("id"))]
            )
            let own = await broker.send(.post, "/api/session", ["tools": [server]])
            let renewed = await broker.send(
                .post,
                "/api/session/\(own.string("id"))/renew",
                [:]
            )
            for answer in [made, ofAgent, own, renewed] {
                #expect(answer.status == 201 && !answer.text.contains(Self.secret))
            }
            let sent = broker.upstream.requests.map { String(decoding: $0.body, as: UTF8.self) }
            #expect(sent.count == 3 && sent.allSatisfy { $0.contains(Self.secret) })
            let bytes = String(decoding: try broker.databaseBytes(), as: UTF8.self)
            #expect(bytes.contains("docs.example") && !bytes.contains(Self.secret))
        }
    }

    @Test func `a wrong webhook is named, of an agent and of a session`() async throws {
        try await withBroker { broker in
            for (tool, param) in Self.wrongTools {
                let agent = await makeAgent(broker, [tool])
                #expect(agent.status == 400 && agent.errorParam == param)
                let session = await broker.send(.post, "/api/session", ["tools": [tool]])
                #expect(session.status == 400 && session.errorParam == param)
                let raw = await broker.send(.post, "/api/session", ["session": ["tools": [tool]]])
                #expect(raw.status == 400 && raw.errorParam == "session.\(param)")
            }
        }
    }
}
