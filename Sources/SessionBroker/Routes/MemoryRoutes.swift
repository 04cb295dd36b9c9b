internal import ContextStore
internal import JSON
internal import WebServer

/// What is remembered of a user: the context of the next session, and facts (api.md, 6).
struct MemoryRoutes: Sendable {
    let callers: CallerRoutes
    let context: ContextEngine

    var routes: [Route] {
        [
            callers.route(.get, "/api/context", handler: getContext),
            callers.route(.get, "/api/memory", handler: listFacts),
            callers.route(.delete, "/api/memory", handler: forgetAll),
            callers.route(.delete, "/api/memory/{id}", handler: forget),
        ]
    }

    /// Exactly what the next session would get.
    private func getContext(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let conversation: ConversationID? = try request.queryID("conversation_id")
        let maximumTokens = try request.queryInteger("max_tokens", in: 0...8_000) ?? 4_000
        let scope: SessionRequest.Scope = try request.queryChoice("scope") ?? .user
        let prompt = try await context.prompt(
            ContextQuery(
                instructions: "",
                toolTokens: 0,
                maximumTokens: scope == .none ? 0 : maximumTokens,
                recentItems: try request.queryInteger("recent_messages", in: 0...50) ?? 8,
                conversation: conversation,
                isLimitedToConversation: scope == .conversation,
                offersRecall: true
            ),
            of: caller.store
        )
        return .json(prompt.json)
    }

    private func listFacts(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let page: PageRequest<FactID> = try request.page(order: .descending)
        return .json(try await caller.store.facts(page).json(id: \.id.text, element: \.json))
    }

    private func forget(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let id: FactID = try request.pathID()
        try await caller.store.forgetFact(id)
        return .deleted(id: id.text, object: "fact")
    }

    private func forgetAll(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let count = try await caller.store.forgetAllFacts()
        return .json(["object": "memory", "deleted": true, "facts": .integer(Int64(count))])
    }
}

extension Prompt {
    fileprivate var json: JSONValue {
        [
            "object": "context",
            "text": .string(memory),
            "tokens": .integer(Int64(tokens)),
            "max_tokens": .integer(Int64(budget)),
            "sections": .array(
                sections.map {
                    ["name": .string($0.name.rawValue), "tokens": .integer(Int64($0.tokens))]
                }
            ),
            "truncated": .bool(isTruncated),
        ]
    }
}

extension Fact {
    var json: JSONValue {
        [
            "id": .string(id.text),
            "object": "fact",
            "kind": .string(kind),
            "key": key.isEmpty ? .null : .string(key),
            "value": .string(value),
            "text": .string(text),
            "since": since.json,
            "until": until?.json ?? .null,
            "source": .string(source.rawValue),
            "message_ids": .array(messages.map { .string($0.text) }),
            "created_at": createdAt.json,
        ]
    }
}
