internal import ContextStore
internal import JSON
internal import WebServer

/// Sessions (api.md, 3), and upstream's own way to mint one.
struct SessionRoutes: Sendable {
    let callers: CallerRoutes
    let admission: SessionAdmission
    let idempotency: Idempotency
    let minter: SessionMinter
    let summaries: SummaryKeeper
    let live: LiveSessions

    var routes: [Route] {
        [
            callers.route(.post, "/api/session", handler: create),
            admission.route(.get, "/api/session/{id}", handler: get),
            callers.route(.get, "/api/sessions", handler: list),
            admission.route(.post, "/api/session/{id}/end", handler: end),
            callers.route(.post, "/api/session/{id}/renew", handler: renew),
            callers.route(.post, "/v1/realtime/client_secrets", handler: createClientSecret),
        ]
    }

    private func create(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let body = try SessionRequest(request.reader())
        return try await idempotency.run(
            request,
            caller,
            present: { present($0, request, caller) }
        ) {
            try await minter.mint(body, for: caller, once: $0)
        }
    }

    private func present(
        _ minted: SessionMinter.Minted,
        _ request: HTTPRequest,
        _ caller: Caller
    ) -> HTTPResponse {
        var body = object(minted.session, request, of: caller.identity.userID)
        body["client_secret"] = [
            "value": .string(minted.secret.plaintext),
            "expires_at": .integer(minted.secretExpiresAt),
        ]
        body["greeting_event"] = minted.greetingEvent ?? .null
        return .secret(.object(body), status: 201)
    }

    private func get(
        _ request: HTTPRequest,
        _ admitted: AdmittedSession
    ) async throws -> HTTPResponse {
        .json(.object(object(admitted.session, request, of: admitted.user)))
    }

    private func list(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let page = try await caller.store.sessions(
            of: request.queryID("conversation_id"),
            request.page(order: .descending)
        )
        return .json(
            page.json(id: \.id.text) {
                .object(object($0, request, of: caller.identity.userID))
            }
        )
    }

    private func end(
        _ request: HTTPRequest,
        _ admitted: AdmittedSession
    ) async throws -> HTTPResponse {
        try request.reader().finish()
        let (id, store) = (admitted.session.id, admitted.store)
        let session = try await store.endSession(id, reason: "client_request")
        await live.endAndWait(id, reason: "client_request")
        try await summaries.summarize(session, of: store)
        return .json(.object(object(session, request, of: admitted.user)))
    }

    /// The session that carries on where this one ends.
    private func renew(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        try request.reader().finish()
        let session = try await caller.store.session(request.pathID())
        return try await idempotency.run(
            request,
            caller,
            present: { present($0, request, caller) }
        ) {
            try await minter.renew(session, for: caller, once: $0)
        }
    }

    /// `POST /v1/realtime/client_secrets`: upstream's bodies, the broker's memory (api.md, 3).
    private func createClientSecret(
        _ request: HTTPRequest,
        _ caller: Caller
    ) async throws -> HTTPResponse {
        var body = try SessionRequest(clientSecrets: request.reader())
        body.conversationID = try request.queryID("conversation_id")
        body.agentID = try request.queryID("agent_id")
        let settled = body
        return try await idempotency.run(
            request,
            caller,
            present: { minted in
                .secret([
                    "value": .string(minted.secret.plaintext),
                    "expires_at": .integer(minted.secretExpiresAt),
                    "session": .object(minted.upstreamSession),
                ])
            }
        ) {
            try await minter.mint(settled, for: caller, once: $0)
        }
    }

    private func object(
        _ session: Session,
        _ request: HTTPRequest,
        of user: UserID
    ) -> JSONObject {
        var body = session.json(url: url(of: session, request))
        body["user_id"] = .string(user.text)
        body["rate_limits"] =
            live.services.rateLimits.limits(of: session.id)
            .map(JSONValue.array) ?? .null
        return body
    }

    /// Where the client connects: upstream itself, or this broker's relay.
    private func url(of session: Session, _ request: HTTPRequest) -> String {
        switch session.transport {
        case .webrtc: minter.upstream.base.callsURL
        case .websocket: "ws" + request.origin.dropFirst("http".count) + "/api/realtime"
        }
    }
}

extension HTTPResponse {
    /// JSON that carries a secret: never cached, and never compressed (BREACH).
    static func secret(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        var response = HTTPResponse.json(value, status: status, isCompressible: false)
        response.headers["Cache-Control"] = "no-store"
        return response
    }
}
