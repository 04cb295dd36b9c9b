internal import ContextStore
internal import JSON
internal import WebServer

/// What was consumed, and what it cost (api.md, 7).
struct UsageRoutes: Sendable {
    let callers: CallerRoutes
    /// The present moment.
    var now: @Sendable () -> Timestamp = { .now() }

    private static let defaultSpan: Duration = .seconds(30 * 86_400)

    var routes: [Route] {
        [callers.route(.get, "/api/usage", handler: get)]
    }

    private func get(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let to = try request.queryTime("to") ?? now()
        let from = try request.queryTime("from") ?? to.adding(.zero - Self.defaultSpan)
        guard from < to else {
            throw JSONError(
                code: "invalid_value",
                message: "'from' must be before 'to'.",
                param: "from"
            )
        }
        let grouping: UsageGrouping = try request.queryChoice("group_by") ?? .day
        let limit = try request.queryInteger("limit", in: 1...1_000) ?? 100
        let report = try await caller.store.usage(
            of: try request.queryID("conversation_id"),
            from: from,
            to: to,
            groupBy: grouping,
            limit: limit
        )
        let names = try await names(in: report, grouping, caller)
        return .json([
            "object": "usage",
            "from": from.json,
            "to": to.json,
            "group_by": .string(grouping.rawValue),
            "data": .array(report.groups.map { $0.json(grouping, names) }),
            "has_more": .bool(report.hasMore),
            "total": .object(report.total.json),
        ])
    }

    /// What people know the conversations by that are groups.
    private func names(
        in report: UsageReport,
        _ grouping: UsageGrouping,
        _ caller: Caller
    ) async throws -> [ConversationID: ConversationName] {
        guard grouping == .conversation else { return [:] }
        return try await caller.store.names(of: report.groups.compactMap { ConversationID($0.key) })
    }
}

extension UsageReport.Group {
    func json(
        _ grouping: UsageGrouping,
        _ names: [ConversationID: ConversationName]
    ) -> JSONValue {
        var object: JSONObject = ["object": "usage.group"]
        switch grouping {
        case .day: object["day"] = .string(key)
        case .model: object["model"] = key.isEmpty ? .null : .string(key)
        case .conversation:
            let name = ConversationID(key).flatMap { names[$0] }
            object["conversation_id"] = .string(key)
            object["title"] = .optional(name?.title)
            object["preview"] = .optional(name?.preview)
        }
        return .object(object.merging(sum.json))
    }
}

extension UsageSum {
    fileprivate var json: JSONObject {
        [
            "responses": .integer(responses),
            "transcriptions": .integer(transcriptions),
            "translations": .integer(translations),
            "tokens": tokens.json,
            "seconds": .number(Double(milliseconds) / 1_000),
            "cost_usd": count > 0 && unpriced == count
                ? .null : .string(DollarText.make(nanodollars: costNanodollars)),
            "unpriced": .integer(unpriced),
        ]
    }
}

extension UsageTokens {
    fileprivate var json: JSONValue {
        [
            "input": [
                "text": .integer(inputText), "audio": .integer(inputAudio),
                "image": .integer(inputImage),
            ],
            "cached": [
                "text": .integer(cachedText), "audio": .integer(cachedAudio),
                "image": .integer(cachedImage),
            ],
            "output": [
                "text": .integer(outputText), "audio": .integer(outputAudio),
                "reasoning": .integer(reasoning),
            ],
        ]
    }
}
