internal import ContextStore
internal import JSON
internal import WebServer

/// WebRTC calls that upstream carries and the broker follows on a sideband (api.md, 3).
struct CallRoutes: Sendable {
    private static let mediaTypes = ["application/sdp", "application/json"]
    private static let upstreamsMediaTypes = ["multipart/form-data", "application/sdp"]
    /// A long offer has some 10 kB.
    static let offerLimitBytes = 256 * 1_024

    let callers: CallerRoutes
    let admission: SessionAdmission
    let minter: SessionMinter
    let live: LiveSessions
    let planner: LivePlanner

    var routes: [Route] {
        [
            admission.route(
                .post,
                "/api/session/{id}/call",
                consumes: Self.mediaTypes,
                handler: call
            ),
            Route(
                .post,
                "/v1/realtime/calls",
                consumes: Self.upstreamsMediaTypes,
                handler: callLikeUpstream
            ),
            callers.route(.post, "/v1/realtime/calls/{id}/hangup", handler: hangUp),
        ]
    }

    /// The browser's offer, or the id of a call that it made itself.
    private func call(
        _ request: HTTPRequest,
        _ admitted: AdmittedSession
    ) async throws -> HTTPResponse {
        switch HeaderParameters(request.headers["Content-Type"] ?? "").value {
        case "application/sdp": return try await call(admitted, offer: request.body)
        case "application/json": return try await follow(admitted, request.reader())
        default: throw HTTPError.unsupportedMediaType(accepted: Self.mediaTypes)
        }
    }

    /// `POST /v1/realtime/calls`: upstream's two forms (reference, 2.2).
    private func callLikeUpstream(_ request: HTTPRequest) async throws -> HTTPResponse {
        let field = request.headers["Content-Type"] ?? ""
        switch HeaderParameters(field).value {
        case "application/sdp":
            guard let admitted = try await admission.sessionBySecret(request) else {
                return try await callAnew(request, JSONObject(), offer: request.body)
            }
            return try await call(admitted, offer: request.body)
        case "multipart/form-data":
            let form = try MultipartForm(request.body, contentType: field)
            let session = try form.body(of: "session").map { try JSONValue(parsing: $0) }
            guard let offer = try form.body(of: "sdp") else {
                throw JSONError(
                    code: "missing_required_parameter",
                    message: "The part 'sdp' is missing.",
                    param: "sdp"
                )
            }
            return try await callAnew(request, session?.objectValue ?? JSONObject(), offer: offer)
        default:
            throw HTTPError.unsupportedMediaType(accepted: Self.upstreamsMediaTypes)
        }
    }

    /// A call in a session that is made for it.
    private func callAnew(
        _ request: HTTPRequest,
        _ fields: JSONObject,
        offer: [UInt8]
    ) async throws -> HTTPResponse {
        let admitted = try await admit(request, fields)
        var response = try await call(admitted, offer: offer)
        if let cookie = admitted.setCookie { response.headers.add("Set-Cookie", cookie) }
        return response
    }

    /// Ends a call, as upstream does it (reference, 2.3).
    private func hangUp(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        guard let session = try await caller.store.session(upstreamID: id),
            live.end(session.id, reason: "client_request")
        else {
            throw HTTPError(
                status: 404,
                code: "call_id_not_found",
                message: "No session found for the provided call_id"
            )
        }
        return HTTPResponse(status: 200, body: .bytes([]))
    }

    private func admit(_ request: HTTPRequest, _ fields: JSONObject) async throws
        -> AdmittedSession
    {
        let caller = try await admission.caller(request)
        let minted = try await minter.mint(
            try SessionRequest(calling: request, fields),
            for: caller
        )
        return AdmittedSession(
            session: minted.session,
            store: caller.store,
            user: caller.identity.userID,
            isTrusted: caller.isTrusted,
            setCookie: caller.identity.setCookie
        )
    }

    /// Makes the call upstream under our key, and follows it.
    private func call(_ admitted: AdmittedSession, offer: [UInt8]) async throws -> HTTPResponse {
        try check(admitted.session)
        guard (1...Self.offerLimitBytes).contains(offer.count) else {
            throw HTTPError(
                status: 400,
                code: "invalid_offer",
                message: "The offer must have 1 to \(Self.offerLimitBytes) bytes."
            )
        }
        let plan = try planner.call(admitted, id: "")
        let made = try await minter.upstream.call(
            offer: offer,
            session: plan.configuration.upstream,
            safetyIdentifier: plan.safetyIdentifier
        )
        do {
            try await follow(admitted, made.id)
            // Nobody can say anything in the call before the answer is there.
            await live.waitUntilAttached(admitted.session.id)
        } catch {
            // Nobody would store what is said in it.
            try? await minter.upstream.hangUp(made.id)
            throw error
        }
        var response = HTTPResponse(status: 201, body: .bytes(made.answer))
        response.headers["Content-Type"] = "application/sdp"
        response.headers["Location"] = "/v1/realtime/calls/\(made.id)"
        return response
    }

    /// Follows a call that a browser made with its ephemeral key.
    private func follow(
        _ admitted: AdmittedSession,
        _ body: JSONReader
    ) async throws -> HTTPResponse {
        var reader = body
        guard let id = try reader.string("call_id", bytes: 5...200) else {
            throw reader.missing("call_id")
        }
        guard id.hasPrefix("rtc_"), id.utf8.allSatisfy(\.isWordByte) else {
            throw reader.error("invalid_value", "'call_id' must be an id like 'rtc_…'.", "call_id")
        }
        try reader.finish()
        try check(admitted.session)
        try await follow(admitted, id)
        return HTTPResponse(status: 204, body: .bytes([]))
    }

    private func follow(_ admitted: AdmittedSession, _ callID: String) async throws {
        try live.requireIsFree(call: callID)
        // Of two calls at once, one has the session.
        let session = try await admitted.store.claimSession(
            admitted.session.id,
            upstreamID: callID
        )
        var admitted = admitted
        admitted.session = session
        try live.follow(try planner.call(admitted, id: callID))
    }

    private func check(_ session: Session) throws(HTTPError) {
        guard session.transport == .webrtc else {
            throw HTTPError(
                status: 409,
                code: "wrong_transport",
                message: "This session is made for WebSocket."
            )
        }
        guard session.status == .created else {
            throw HTTPError(
                status: 409,
                code: session.status == .ended ? "session_ended" : "session_in_use",
                message: "The session has \(session.status == .ended ? "ended" : "a call already")."
            )
        }
    }
}

extension SessionRequest {
    /// What a call asks for: upstream's session object, and the broker's extras in the URL.
    ///
    /// - Throws: `HTTPError` or `JSONError` for what is wrong in it.
    fileprivate init(calling request: HTTPRequest, _ fields: JSONObject) throws {
        self.init()
        session = fields
        agentID = try request.queryID("agent_id")
        conversationID = try request.queryID("conversation_id")
        needsKey = false
        if let model = request.query["model"], fields["model"] == nil { self.model = model }
        try readSessionType()
    }
}

extension UInt8 {
    /// Whether this may stand in an id: a letter, a digit, `_` or `-`.
    fileprivate var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
