internal import ContextStore
internal import JSON
internal import WebServer

/// What operators and the page ask about the broker itself (api.md, 7).
struct HealthRoutes: Sendable {
    let store: ContextStore
    let upstream: OpenAIClient
    let isSimulated: Bool

    var routes: [Route] {
        [
            Route(.get, "/healthz", handler: health),
            Route(.get, "/readyz", handler: readiness),
        ]
    }

    /// The process answers; says what stands behind it.
    private func health(_ request: HTTPRequest) async throws -> HTTPResponse {
        .json([
            "status": "ok",
            "version": .string(Broker.version),
            "upstream": [
                "kind": isSimulated ? "simulator" : "openai",
                "base_url": .string("\(upstream.base)"),
            ],
        ])
    }

    /// The broker can do its work: the database takes a durable write.
    private func readiness(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await store.probe()
        return .json(["status": "ready"])
    }
}
