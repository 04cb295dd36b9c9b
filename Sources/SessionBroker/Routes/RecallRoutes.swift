internal import ContextStore
internal import JSON
internal import WebServer

/// Finding what was said: for people who look back, and for the model (api.md, 4 and 6).
struct RecallRoutes: Sendable {
    /// More bytes than this are no question.
    static let maximumQueryBytes = 4_096
    /// So many phrasings of one question.
    static let maximumPhrasings = 8
    static let limitRange = 1...400

    let callers: CallerRoutes

    var routes: [Route] {
        [
            callers.route(.get, "/api/search", handler: search),
            callers.route(.post, "/api/recall", handler: recall),
        ]
    }

    private func search(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let limit = try request.queryInteger("limit", in: Self.limitRange) ?? 20
        let found = try await caller.store.recall(
            RecallQuery(
                phrasings: [try Self.phrasing(request.query["q"], param: "q")],
                limit: limit + 1,
                conversation: try request.queryID("conversation_id"),
                from: try request.queryTime("from"),
                to: try request.queryTime("to"),
                completesWords: try request.queryFlag("prefix"),
                withNeighbours: false,
                now: .now()
            )
        )
        let hits = found.prefix(limit)
        return .json(
            .list(
                hits.map(\.json),
                first: hits.first?.item.id.text,
                last: hits.last?.item.id.text,
                hasMore: found.count > limit
            )
        )
    }

    /// Answers the model's `recall` tool: hits within a budget, and a text made of them.
    private func recall(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let body = try RecallBody(request.reader())
        let hits = try await caller.store.recall(body.query)
        let page = RecallPage(hits, tokens: body.maximumTokens)
        return .json([
            "object": "recall",
            "data": .array(page.hits.map(\.recallJSON)),
            "text": .string(page.text),
            "tokens": .integer(Int64(page.tokens)),
            "truncated": .bool(page.isTruncated),
        ])
    }

    /// A question in one phrasing: any text that is not blank, of at most 4,096 bytes.
    ///
    /// - Throws: `JSONError` for anything else.
    static func phrasing(_ text: String?, param: String) throws(JSONError) -> String {
        guard let text, text.contains(where: { !$0.isWhitespace }) else {
            throw JSONError(
                code: "missing_required_parameter",
                message: "'\(param)' must say what to look for.",
                param: param
            )
        }
        guard text.utf8.count <= maximumQueryBytes else {
            throw JSONError(
                code: "string_above_max_length",
                message: "'\(param)' may have at most \(maximumQueryBytes) bytes.",
                param: param
            )
        }
        return text
    }
}

extension RecallHit {
    fileprivate var json: JSONValue {
        [
            "object": "search.hit",
            "message": item.json,
            "score": .number((score * 10_000).rounded() / 10_000),
            "snippet": snippetJSON,
            "session_started_at": sessionStartedAt?.json ?? .null,
        ]
    }

    fileprivate var recallJSON: JSONValue {
        [
            "object": "recall.hit",
            "message": item.json,
            "score": .number((score * 10_000).rounded() / 10_000),
            "date": .string(item.createdAt.formatted.day),
            "speaker": .string(speakerName),
            "snippet": snippetJSON,
            "session_started_at": sessionStartedAt?.json ?? .null,
            "before": before?.json ?? .null,
            "after": after?.json ?? .null,
        ]
    }

    private var snippetJSON: JSONValue {
        .array(snippet.pieces.map { ["text": .string($0.text), "match": .bool($0.isMatch)] })
    }
}
