internal import ContextStore
internal import JSON
internal import WebServer

/// What operators and the page ask about the broker itself (api.md, 7).
struct HealthRoutes: Sendable {
    let store: ContextStore
    let upstream: OpenAIClient
    let live: LiveSessions
    let broadcasts: Broadcasts
    let requests: RequestCounter
    let isSimulated: Bool

    var routes: [Route] {
        [
            Route(.get, "/healthz", handler: health),
            Route(.get, "/readyz", handler: readiness),
            Route(.get, "/metrics", handler: metrics),
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

    /// The broker can do its work: the database takes a durable write, and it is not stopping.
    ///
    /// Says how far the memory engine is behind what is stored, which holds nothing up.
    private func readiness(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard !live.isStopping else { throw HTTPError.overloaded("The broker is stopping.") }
        try await store.probe()
        let memory = try await store.memoryProgress()
        return .json(["status": "ready", "memory": ["behind": .integer(Int64(memory.behind))]])
    }

    /// What monitoring reads, in Prometheus' text format
    /// (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
    private func metrics(_ request: HTTPRequest) async throws -> HTTPResponse {
        let memory = try await store.memoryProgress()
        let metrics =
            [
                Metric(
                    name: "broker_info",
                    kind: .gauge,
                    help: "The version of this broker.",
                    labels: "{version=\"\(Broker.version)\"}",
                    value: 1
                ),
                Metric(
                    name: "broker_memory_behind_messages",
                    kind: .gauge,
                    help: "Messages that are stored and not yet indexed.",
                    value: memory.behind
                ),
                Metric(
                    name: "broker_live_sessions",
                    kind: .gauge,
                    help: "Sessions that are relayed or followed now.",
                    value: live.count
                ),
                Metric(
                    name: "broker_broadcasts",
                    kind: .gauge,
                    help: "Broadcasts that are spoken to or listened to now.",
                    value: broadcasts.count
                ),
            ] + requestCounts() + rateLimits()
        let text = Metric.text(metrics)
        var response = HTTPResponse(status: 200, body: .bytes(Array(text.utf8)))
        response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
        return response
    }

    private func requestCounts() -> [Metric] {
        requests.byStatus.sorted { $0.key < $1.key }.map { status, count in
            Metric(
                name: "broker_http_requests_total",
                kind: .counter,
                help: "Requests that are over, by the class of their status.",
                labels: "{status=\"\(status)\"}",
                value: count
            )
        }
    }

    /// What upstream said last of how much may still be used.
    private func rateLimits() -> [Metric] {
        live.services.rateLimits.latest.sorted { $0.key < $1.key }.compactMap { name, limit in
            guard let remaining = limit["remaining"]?.integerValue,
                name.utf8.allSatisfy(\.isNameByte)
            else { return nil }
            return Metric(
                name: "broker_upstream_rate_limit_remaining",
                kind: .gauge,
                help: "What upstream lets be used until the limit is reset, as of its last word.",
                labels: "{name=\"\(name)\"}",
                value: Int(remaining)
            )
        }
    }
}

extension UInt8 {
    /// Whether this may stand in a label without an escape.
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
