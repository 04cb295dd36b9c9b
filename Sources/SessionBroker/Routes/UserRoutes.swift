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

    /// JSON lines, of everything that is kept.
    private func export(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        var response = HTTPResponse.stream(
            ResponseStream { stream in
                try await UserExporter(
                    store: caller.store,
                    all: callers.store,
                    agent: { agents.json($0, caller) },
                    broadcast: { $0.json(of: request) },
                    write: { try await stream.write(Array($0.utf8)) }
                ).export()
            },
            contentType: TranscriptFormat.jsonl.contentType
        )
        response.headers["Content-Disposition"] = "attachment; filename=\"export.jsonl\""
        return response
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
