internal import ContextStore
internal import JSON
internal import WebServer

/// Conversations (api.md, 4).
struct ConversationRoutes: Sendable {
    let callers: CallerRoutes
    let idempotency: Idempotency
    let live: LiveSessions
    let broadcasts: Broadcasts

    var routes: [Route] {
        [
            callers.route(.post, "/api/conversations", handler: create),
            callers.route(.get, "/api/conversations", handler: list),
            callers.route(.get, "/api/conversations/{id}", handler: get),
            callers.route(.patch, "/api/conversations/{id}", handler: update),
            callers.route(.delete, "/api/conversations/{id}", handler: delete),
            callers.route(.get, "/api/conversations/{id}/export", handler: export),
        ]
    }

    private func create(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let new = try NewConversation(request.reader())
        return try await idempotency.run(
            request,
            caller,
            // Nothing is said in it yet, so that it has no preview.
            present: { .json($0.json(preview: nil), status: 201) }
        ) {
            try await caller.store.createConversation(new, once: $0)
        }
    }

    private func list(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let page = try await caller.store.conversations(request.page(order: .descending))
        let names = try await caller.store.names(of: page.elements.map(\.id))
        return .json(page.json(id: \.id.text) { $0.json(preview: names[$0.id]?.preview) })
    }

    private func get(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        try await present(caller.store.conversation(request.pathID()), caller)
    }

    private func update(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let update = try ConversationUpdate(request.reader())
        return try await present(caller.store.updateConversation(request.pathID(), update), caller)
    }

    private func present(
        _ conversation: Conversation,
        _ caller: Caller
    ) async throws -> HTTPResponse {
        let names = try await caller.store.names(of: [conversation.id])
        return .json(conversation.json(preview: names[conversation.id]?.preview))
    }

    private func delete(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let id: ConversationID = try request.pathID()
        let broadcast = try await broadcast(of: id, caller)
        try await caller.store.deleteConversation(id)
        // What would still be said in it could not be kept.
        live.endAll(in: id, reason: "conversation_deleted")
        broadcast.map(broadcasts.remove)
        return .deleted(id: id.text, object: "conversation")
    }

    /// The broadcast whose captions a conversation holds.
    private func broadcast(of id: ConversationID, _ caller: Caller) async throws -> BroadcastID? {
        let conversation = try await caller.store.conversation(id)
        guard
            let broadcastID = conversation.metadata["broadcast_id"]?.stringValue
                .flatMap(BroadcastID.init),
            // Anybody may write anything into metadata.
            let broadcast = try? await caller.store.broadcast(broadcastID),
            broadcast.conversationID == id
        else { return nil }
        return broadcast.id
    }

    private func export(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let name = request.query["format"] ?? TranscriptFormat.jsonl.rawValue
        guard let format = TranscriptFormat(rawValue: name) else {
            let known = TranscriptFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw JSONError(
                code: "invalid_value",
                message: "'format' must be one of \(known).",
                param: "format"
            )
        }
        let conversation = try await caller.store.conversation(request.pathID())
        var response = HTTPResponse.stream(
            ResponseStream { stream in
                try await write(conversation, format, from: caller.store, to: stream)
            },
            contentType: format.contentType
        )
        response.headers["Content-Disposition"] =
            "attachment; filename=\"\(conversation.id.text).\(format.fileExtension)\""
        return response
    }

    private func write(
        _ conversation: Conversation,
        _ format: TranscriptFormat,
        from store: UserStore,
        to stream: ResponseStream
    ) async throws {
        var writer = TranscriptWriter(format, of: conversation)
        try await stream.write(Array(writer.opening().utf8))
        for try await items in store.allItems(of: conversation.id) {
            var text = ""
            for item in items { text += writer.next(item) }
            try await stream.write(Array(text.utf8))
        }
        try await stream.write(Array(writer.closing().utf8))
    }
}

extension NewConversation {
    fileprivate init(_ reader: JSONReader) throws(JSONError) {
        var reader = reader
        self.init(
            title: try reader.string("title", bytes: 0...1_000),
            agentID: try reader.identifier("agent_id"),
            createdAt: try reader.timestamp("created_at"),
            metadata: try reader.metadata("metadata")
        )
        try reader.finish()
    }
}

extension ConversationUpdate {
    /// Reads a PATCH body (RFC 7396): null clears a field, an absent one stays.
    fileprivate init(_ reader: JSONReader) throws(JSONError) {
        var reader = reader
        self.init(
            title: try reader.update("title") { (reader) throws(JSONError) in
                try reader.string("title", bytes: 0...1_000)
            },
            agentID: try reader.update("agent_id") { (reader) throws(JSONError) in
                try reader.identifier("agent_id")
            },
            metadata: try reader.update("metadata") { (reader) throws(JSONError) in
                try reader.metadata("metadata")
            }
        )
        try reader.finish()
    }
}

extension HTTPResponse {
    /// What upstream's API answers to a DELETE.
    static func deleted(id: String, object: String) -> HTTPResponse {
        .json(["id": .string(id), "object": .string("\(object).deleted"), "deleted": true])
    }
}
