internal import ContextStore
internal import JSON
internal import WebServer

/// Messages: the items of conversations (api.md, 4).
struct MessageRoutes: Sendable {
    let callers: CallerRoutes
    let idempotency: Idempotency

    var routes: [Route] {
        [
            callers.route(.post, "/api/conversations/{id}/messages", handler: append),
            callers.route(.get, "/api/conversations/{id}/messages", handler: list),
            callers.route(.get, "/api/messages/{id}", handler: get),
            callers.route(.delete, "/api/messages/{id}", handler: delete),
        ]
    }

    private func append(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let (messages, isList) = try MessageBody.read(request.reader())
        try caller.requireMayAdd(messages, isList: isList)
        let conversation: ConversationID = try request.pathID()
        return try await idempotency.run(
            request,
            caller,
            present: { Self.present($0, isList: isList) }
        ) {
            try await caller.store.append(messages, to: conversation, once: $0)
        }
    }

    /// 201 when anything is new, 200 when all of it was known and updated.
    private static func present(_ stored: [StoredItem], isList: Bool) -> HTTPResponse {
        let status = stored.contains(where: \.wasCreated) ? 201 : 200
        if !isList, let only = stored.first { return .json(only.item.json, status: status) }
        let items = stored.map(\.item)
        return .json(
            .list(items.map(\.json), first: items.first?.id.text, last: items.last?.id.text),
            status: status
        )
    }

    private func list(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let page = try await caller.store.items(
            of: request.pathID(),
            request.page(order: .ascending)
        )
        return .json(page.json(id: \.id.text, element: \.json))
    }

    private func get(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        .json(try await caller.store.item(request.pathID()).json)
    }

    private func delete(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let id: ItemID = try request.pathID()
        try await caller.store.deleteItem(id)
        return .deleted(id: id.text, object: "message")
    }
}
