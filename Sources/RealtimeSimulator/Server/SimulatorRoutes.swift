internal import Glibc
internal import JSON
internal import Logging
internal import WebServer

/// The simulator's routes, under upstream's paths.
struct SimulatorRoutes: Sendable {
    let configuration: RealtimeSimulator.Configuration
    let group: EventLoopGroup
    let keys = KeyStore()
    let calls = CallRegistry()
    let player: ScenarioPlayer
    let speech: SpeechMaker

    init(_ configuration: RealtimeSimulator.Configuration, group: EventLoopGroup) {
        self.configuration = configuration
        self.group = group
        player = ScenarioPlayer(configuration.scenario)
        speech = SpeechMaker(usesEspeak: configuration.usesEspeak)
    }

    var all: [Route] {
        [
            Route(.post, "/v1/realtime/client_secrets", deadline: Self.deadline) {
                try await withFaults($0) { try createClientSecret($0) }
            },
            Route(.get, "/v1/realtime", deadline: Self.deadline) {
                try await withFaults($0) { try connect($0) }
            },
            Route(.get, "/v1/realtime/translations", deadline: Self.deadline) {
                try await withFaults($0) { try translate($0) }
            },
            Route(
                .post,
                "/v1/realtime/calls",
                consumes: CallRequest.mediaTypes,
                deadline: Self.deadline
            ) {
                try await withFaults($0) { try createCall($0) }
            },
            Route(.post, "/v1/realtime/calls/{id}/hangup", consumes: ["*/*"]) {
                try await withFaults($0) { try hangUp($0) }
            },
            telephoneRoute("accept"), telephoneRoute("reject"), telephoneRoute("refer"),
            Route(.get, "/v1/realtime/calls/{id}/media") {
                try await withFaults($0) { try carryMedia($0) }
            },
            Route(.post, "/v1/responses", deadline: Self.deadline) {
                try await withFaults($0) { try createResponse($0) }
            },
        ]
    }

    private func telephoneRoute(_ action: String) -> Route {
        Route(.post, "/v1/realtime/calls/{id}/\(action)", consumes: ["*/*"]) {
            try await withFaults($0) { try controlTelephoneCall($0) }
        }
    }

    /// Longer than any delay that a script can ask for.
    private static let deadline = Duration.seconds(660)

    // MARK: Client secrets

    // https://platform.openai.com/docs/api-reference/realtime-sessions/create-realtime-client-secret
    private func createClientSecret(_ request: HTTPRequest) throws -> HTTPResponse {
        let start = ContinuousClock.now
        try requireStandardKey(request)
        let now = Int64(time(nil))
        let (session, lifetime) = try clientSecretParameters(request)
        let expiresAt = now + lifetime
        var identifiers = Identifiers()
        let body: JSONValue = .object(
            JSONObject(uniqueMembers: [
                ("value", .string(keys.mint(.init(session: session, expiresAt: expiresAt)))),
                ("expires_at", .integer(expiresAt)),
                // No session has begun, so its own end is not known.
                ("session", session.json(id: identifiers.session(), expiresAt: 0)),
            ])
        )
        var response = HTTPResponse.json(body, isCompressible: false)
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        response.headers["openai-processing-ms"] = String(Int(milliseconds.rounded(.up)))
        response.headers["openai-version"] = "2020-10-01"
        return response
    }

    private func clientSecretParameters(
        _ request: HTTPRequest
    ) throws(JSONError) -> (SessionConfiguration, lifetime: Int64) {
        var reader = try request.reader()
        var lifetime: Int64 = 600
        if var expiry = try reader.reader("expires_after") {
            if let anchor = try expiry.string("anchor"), anchor != "created_at" {
                throw expiry.error(
                    "invalid_value",
                    "Invalid value: '\(anchor)'. Supported values are: 'created_at'.",
                    "anchor"
                )
            }
            lifetime = try expiry.integer("seconds", in: 10...7_200) ?? lifetime
            try expiry.finish()
        }
        let session = try reader.object("session")
        try reader.finish()
        return (
            try session.map { object throws(JSONError) in
                try SessionConfiguration(creating: object)
            } ?? SessionConfiguration(), lifetime
        )
    }

    // MARK: Sockets

    private func connect(_ request: HTTPRequest) throws -> HTTPResponse {
        let now = Int64(time(nil))
        let admission = Admission(
            request,
            standardKey: configuration.apiKey,
            hasCall: { calls.find($0) != nil },
            findKey: { keys.find($0, at: now) }
        )
        switch admission {
        case .session(let settings): return try open(request, settings, startedAt: now)
        case .sideband(let id): return try attach(request, .sideband, toCall: id)
        case .refusal(let refusal): return try refuse(request, refusal)
        }
    }

    private func open(
        _ request: HTTPRequest,
        _ settings: SessionConfiguration,
        startedAt: Int64
    ) throws -> HTTPResponse {
        let environment = RealtimeSession.Environment(
            startedAt: startedAt,
            limitSeconds: configuration.sessionLimitSeconds,
            pace: configuration.pace,
            scenario: player.nextSocket(settings.kind == .realtime ? .realtime : .transcription),
            hearsTones: player.hearsTones
        )
        let session = RealtimeSession(
            settings,
            environment: environment,
            identifiers: Identifiers()
        )
        return try WebSocketUpgrade.response(
            to: request,
            subprotocols: ["realtime"],
            on: group.next()
        ) { [speech] in
            SimulatorConnection(session, speech)
        }
    }

    func refuse(_ request: HTTPRequest, _ refusal: Refusal) throws -> HTTPResponse {
        try WebSocketUpgrade.response(
            to: request,
            subprotocols: ["realtime"],
            on: group.next()
        ) {
            RefusedConnection(refusal)
        }
    }

    /// Refuses whoever does not show the standard key; an ephemeral one opens sessions only.
    func requireStandardKey(_ request: HTTPRequest) throws {
        let credential = Credential(request)
        guard !credential.isStandardKey(configuration.apiKey) else { return }
        throw HTTPError(
            status: 401,
            type: "invalid_request_error",
            code: credential.key == nil ? "" : "invalid_api_key",
            message: credential.rejection
        )
    }

    // MARK: Faults

    private func withFaults(
        _ request: HTTPRequest,
        _ handle: (HTTPRequest) throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        guard let step = player.step(for: request.path) else { return try handle(request) }
        if step.delayMs > 0 { try await Task.sleep(for: .milliseconds(step.delayMs)) }
        if step.drops { return .dropped }
        guard let status = step.status else { return try handle(request) }
        var response = HTTPResponse(
            status: status,
            headers: ["Content-Type": step.isJSON ? "application/json" : "text/plain"],
            body: .bytes(step.body)
        )
        for (name, value) in step.headers { response.headers[name] = value }
        return response
    }

    /// Upstream's form: four members always, and no request id in the body.
    static func render(_ error: HTTPError) -> HTTPResponse {
        let body: JSONValue = .object(
            JSONObject(uniqueMembers: [
                ("message", .string(error.message)), ("type", .string(error.type)),
                ("param", .optional(error.param)),
                ("code", error.code.isEmpty ? .null : .string(error.code)),
            ])
        )
        return .json(["error": body], status: error.status, isCompressible: false)
    }
}

extension HTTPResponse {
    /// Begins an answer and cuts the connection before its body.
    fileprivate static var dropped: HTTPResponse {
        struct Dropped: Error {}
        return .stream(
            ResponseStream { _ in throw Dropped() },
            contentType: "application/json"
        )
    }
}
