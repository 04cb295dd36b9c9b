internal import ContextStore
internal import JSON
internal import WebServer

/// All that is kept of the caller: to take along, or to delete (api.md, 7).
struct UserRoutes: Sendable {
    let callers: CallerRoutes
    let agents: AgentRoutes
    let live: LiveSessions
    let broadcasts: Broadcasts

    var routes: [Route] {
        [
            callers.route(.get, "/api/me/export", handler: export),
            callers.route(.delete, "/api/me", handler: delete),
        ]
    }

    /// JSON lines: agents and facts, and then each conversation with its messages, as
    /// `broker import` reads them.
    private func export(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        var response = HTTPResponse.stream(
            ResponseStream { stream in try await write(caller, to: stream) },
            contentType: TranscriptFormat.jsonl.contentType
        )
        response.headers["Content-Disposition"] = "attachment; filename=\"export.jsonl\""
        return response
    }

    private func write(_ caller: Caller, to stream: ResponseStream) async throws {
        let store = caller.store
        var last: AgentID?
        repeat {
            let page = try await store.agents(.init(limit: 100, order: .ascending, after: last))
            for agent in page.elements {
                try await stream.write(Array((agents.json(agent, caller).text + "\n").utf8))
            }
            last = page.hasMore ? page.elements.last?.id : nil
        } while last != nil
        for fact in try await store.allFacts() {
            try await stream.write(Array((fact.json.text + "\n").utf8))
        }
        try await HistoryExporter(store: callers.store, format: .jsonl).export(
            user: caller.identity.userID,
            conversation: nil
        ) { try await stream.write(Array($0.utf8)) }
    }

    /// Ends what the user has running, and deletes everything that is stored.
    private func delete(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let store = caller.store
        let sessions = try await store.activeSessionIDs()
        await withTaskGroup(of: Void.self) { group in
            for id in sessions {
                group.addTask { await live.endAndWait(id, reason: "client_request") }
            }
        }
        let running = try await store.openBroadcastIDs()
        try await store.deleteEverything()
        for id in running { broadcasts.remove(id) }
        return .deleted(id: caller.identity.userID.text, object: "user")
    }
}
