internal import ContextStore
internal import JSON
internal import WebServer

/// The summaries of conversations (api.md, 6).
struct SummaryRoutes: Sendable {
    let callers: CallerRoutes
    let summaries: SummaryKeeper

    var routes: [Route] {
        [
            callers.route(.get, "/api/conversations/{id}/summaries", handler: list),
            callers.route(.post, "/api/conversations/{id}/summaries", handler: create),
        ]
    }

    private func list(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let page = try await caller.store.summaries(
            of: request.pathID(),
            request.page(order: .descending)
        )
        return .json(page.json(id: \.id.text, element: \.json))
    }

    /// Summarises what was said last, now.
    private func create(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        try request.reader().finish()
        let summary = try await summaries.summarize(request.pathID(), of: caller.store)
        guard let summary else {
            throw HTTPError(
                status: 400,
                code: "nothing_to_summarize",
                message: "Nothing was said in this conversation yet."
            )
        }
        return .json(summary.json, status: 201)
    }
}

extension Summary {
    var json: JSONValue {
        [
            "id": .string(id.text),
            "object": "summary",
            "conversation_id": .string(conversationID.text),
            "session_id": .optional(sessionID?.text),
            "text": .string(text),
            "said_at": saidAt.json,
            "first_message_id": .optional(firstItem?.text),
            "last_message_id": .optional(lastItem?.text),
            "message_count": .integer(Int64(itemCount)),
            "tokens": .integer(Int64(tokens)),
            "version": .integer(Int64(version)),
            "source": .string(source.rawValue),
            "created_at": createdAt.json,
        ]
    }
}
