import ContextStore
import JSON
import Testing
import WebServer

@testable import SessionBroker

/// A webhook client, and what it calls.
struct WebhookBench: Sendable {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    let client: WebhookClient
    let call = ToolCall(id: "call_1", name: "weather", arguments: #"{"city": "Oslo"}"#)
    let origin: ToolCallOrigin

    /// Lends a bench.
    static func with(
        allowsPrivate: Bool = true,
        pacing: HTTPClient.Pacing = RecordedPauses().pacing(),
        _ body: (WebhookBench) async throws -> Void
    ) async throws {
        let ids = IdentifierGenerator()
        let bench = WebhookBench(
            client: try WebhookClient(
                secret: try #require(WebhookSecret(secret)),
                allowsPrivate: allowsPrivate,
                pacing: pacing
            ),
            origin: ToolCallOrigin(
                session: ids.make(),
                conversation: ids.make(),
                user: .make(),
                agent: ids.make()
            )
        )
        defer { bench.client.shutdown() }
        try await body(bench)
    }

    /// Calls the tool at a server.
    func output(
        at server: FakeUpstream,
        path: String = "/weather",
        headers: JSONObject = [:],
        timeoutMs: Int64 = 30_000
    ) async throws -> String {
        let webhook = try ToolWebhook.make(
            server.url(path),
            headers: headers,
            timeoutMs: timeoutMs
        )
        return try await client.output(of: call, at: webhook, for: origin)
    }

    /// The error of a call; nil, and a failure of the test, when it ends in any other way.
    func error(
        at server: FakeUpstream,
        path: String = "/weather",
        headers: JSONObject = [:],
        timeoutMs: Int64 = 30_000
    ) async -> WebhookError? {
        await #expect(throws: WebhookError.self) {
            try await output(at: server, path: path, headers: headers, timeoutMs: timeoutMs)
        }
    }
}
