internal import ContextStore
internal import JSON
internal import WebServer

/// Relayed sessions over WebSocket (api.md, 5): the broker's own way, and upstream's.
struct RelayRoutes: Sendable {
    let admission: SessionAdmission
    let minter: SessionMinter
    let live: LiveSessions
    let planner: LivePlanner

    var routes: [Route] {
        [
            Route(.get, "/api/realtime") { try await connect($0, isUpstreamsOwn: false) },
            Route(.get, "/v1/realtime") { try await connect($0, isUpstreamsOwn: true) },
        ]
    }

    private func connect(
        _ request: HTTPRequest,
        isUpstreamsOwn: Bool
    ) async throws -> HTTPResponse {
        guard request.query["call_id"] == nil else {
            throw HTTPError(
                status: 400,
                code: "invalid_value",
                message: "Calls are followed by the broker; 'call_id' cannot be opened here.",
                param: "call_id"
            )
        }
        // Nothing is made for what is no handshake.
        _ = try WebSocketHandshake(request, subprotocols: ["realtime"], allowsDeflate: false)
        let wanted = try request.queryID("session_id") as SessionID?
        let admitted = try await admit(request, wanted, isUpstreamsOwn: isUpstreamsOwn)
        let session = admitted.session
        guard session.opensRelay(likeUpstream: isUpstreamsOwn) else {
            throw HTTPError(
                status: 409,
                code: "wrong_transport",
                message: "This session is not made for WebSocket."
            )
        }
        guard session.status != .ended else {
            throw HTTPError(
                status: 409,
                code: "session_ended",
                message: "The session has ended."
            )
        }
        let eventID = request.query["last_event_id"]
        if let response = try live.rejoin(request, admitted, after: eventID) { return response }
        let asksForEvents = request.query["broker_events"].map { $0 == "1" }
        let plan = try planner.relay(
            admitted,
            showsBrokerEvents: asksForEvents ?? !isUpstreamsOwn,
            speaksBeta: request.asksForBeta
        )
        var response = try live.upgrade(request, plan)
        if let cookie = admitted.setCookie { response.headers.add("Set-Cookie", cookie) }
        return response
    }

    /// The session that is named or whose secret is shown, or else a new one.
    private func admit(
        _ request: HTTPRequest,
        _ wanted: SessionID?,
        isUpstreamsOwn: Bool
    ) async throws -> AdmittedSession {
        if let admitted = try await admission.sessionBySecret(request) { return admitted }
        let caller = try await admission.caller(request)
        let session: Session
        if let wanted {
            session = try await caller.store.session(wanted)
        } else {
            let asked = try SessionRequest(connecting: request)
            session = try await minter.mint(asked, for: caller).session
        }
        return AdmittedSession(
            session: session,
            store: caller.store,
            user: caller.identity.userID,
            isTrusted: caller.isTrusted,
            setCookie: caller.identity.setCookie
        )
    }
}

extension Session {
    /// Whether it may be relayed.
    ///
    /// Upstream's own way takes an ephemeral key for either transport (reference, 3.1), as long as no
    /// call was made with it.
    fileprivate func opensRelay(likeUpstream: Bool) -> Bool {
        // A broadcast's session only stands for what it consumes.
        guard maximumDurationSeconds > 0, upstreamID?.hasPrefix("rtc_") != true else {
            return false
        }
        return transport == .websocket || likeUpstream
    }
}

extension SessionRequest {
    /// What a connecting client asks for in its URL (api.md, 5).
    ///
    /// - Throws: `HTTPError` for an id that is none.
    fileprivate init(connecting request: HTTPRequest) throws {
        transport = .websocket
        agentID = try request.queryID("agent_id")
        conversationID = try request.queryID("conversation_id")
        model = request.query["model"]
        voice = request.query["voice"].map(JSONValue.string)
        if request.query["intent"] == "transcription" { kind = .transcription }
    }
}

extension HTTPRequest {
    /// Whether the client was written for the beta interface (reference, 3.1), or says so.
    fileprivate var asksForBeta: Bool {
        query["protocol"] == "beta" || headers["OpenAI-Beta"] == "realtime=v1"
            || WebSocketHandshake.subprotocols(of: self).contains("openai-beta.realtime-v1")
    }
}
