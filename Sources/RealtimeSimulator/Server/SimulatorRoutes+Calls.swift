internal import Glibc
internal import JSON
internal import WebServer

// Calls: WebRTC as far as HTTP and WebSockets carry it.

extension SimulatorRoutes {
    // https://platform.openai.com/docs/api-reference/realtime-calls/create-call
    func createCall(_ request: HTTPRequest) throws -> HTTPResponse {
        let now = Int64(time(nil))
        let credential = Credential(request)
        let minted = credential.key.flatMap { keys.find($0, at: now) }
        if minted == nil { try requireStandardKey(request) }
        let wanted = try CallRequest(request, bound: minted?.session)
        var identifiers = Identifiers()
        let id = identifiers.webRTCCall()
        let answer = SDPAnswer(to: wanted.offer, identifiers: &identifiers)
        try begin(wanted.session, callID: id, startedAt: now, identifiers)
        return HTTPResponse(
            status: 201,
            headers: [
                "Content-Type": "text/plain; charset=utf-8",
                "Location": "/v1/realtime/calls/\(id)",
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "Location, X-Request-Id, CF-Ray",
                "Timing-Allow-Origin": "*",
            ],
            body: .bytes(Array(answer.text.utf8))
        )
    }

    private func begin(
        _ settings: SessionConfiguration,
        callID: String,
        startedAt: Int64,
        _ identifiers: Identifiers
    ) throws {
        let environment = RealtimeSession.Environment(
            startedAt: startedAt,
            limitSeconds: configuration.sessionLimitSeconds,
            pace: configuration.pace,
            scenario: player.nextCall(),
            callID: callID
        )
        let call = Call(
            id: callID,
            on: group.next(),
            unattendedLimit: .seconds(configuration.unattendedCallSeconds)
        ) { [calls] in
            calls.remove($0.id)
        }
        try calls.add(call)
        let session = RealtimeSession(settings, environment: environment, identifiers: identifiers)
        call.loop.execute { [speech] in call.begin(session, speech) }
    }

    // https://platform.openai.com/docs/api-reference/realtime-calls/hangup-call
    func hangUp(_ request: HTTPRequest) throws -> HTTPResponse {
        try requireStandardKey(request)
        guard let call = calls.remove(request.pathParameters["id"] ?? "") else {
            throw Self.unknownCall
        }
        call.loop.execute { call.end() }
        return HTTPResponse(status: 200)
    }

    /// Accepting, rejecting and referring are for telephone calls, of which there are none.
    func controlTelephoneCall(_ request: HTTPRequest) throws -> HTTPResponse {
        try requireStandardKey(request)
        throw Self.unknownCall
    }

    /// Gives a call's media and data channel to the program that ends its WebRTC.
    func carryMedia(_ request: HTTPRequest) throws -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        let credential = Credential(request)
        let isAllowed =
            credential.isStandardKey(configuration.apiKey)
            || credential.key.flatMap { keys.find($0, at: Int64(time(nil))) } != nil
        guard isAllowed else { return try refuse(request, .badKey(credential)) }
        return try attach(request, .front, toCall: id)
    }

    func attach(
        _ request: HTTPRequest,
        _ role: CallSocket.Role,
        toCall id: String
    ) throws -> HTTPResponse {
        guard let call = calls.find(id) else { return try refuse(request, .unknownCall(id)) }
        return try WebSocketUpgrade.response(
            to: request,
            subprotocols: ["realtime"],
            on: call.loop
        ) {
            CallSocket(role, of: call)
        }
    }

    /// Upstream's words, with an empty `param` as recorded.
    private static let unknownCall = HTTPError(
        status: 404,
        code: "call_id_not_found",
        message: "No session found for the provided call_id",
        param: ""
    )
}
