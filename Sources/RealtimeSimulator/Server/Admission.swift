internal import JSON
internal import WebServer

/// What a WebSocket gets behind its 101, decided from its request alone.
///
/// Upstream always answers 101, and refuses with an error event and a close frame.
enum Admission: Sendable, Equatable {
    /// A session of its own.
    case session(SessionConfiguration)
    /// A seat at a call in progress.
    case sideband(callID: String)
    case refusal(Refusal)

    /// Decides.
    ///
    /// - Parameters:
    ///   - request: The opening handshake.
    ///   - standardKey: The key that is right; nil for any.
    ///   - hasCall: Whether a call is in progress.
    ///   - findKey: Finds a minted key that has not expired.
    init(
        _ request: HTTPRequest,
        standardKey: String?,
        hasCall: (String) -> Bool,
        findKey: (String) -> KeyStore.Key?
    ) {
        guard !Self.asksForBeta(request) else {
            self = .refusal(Self.betaRefusal)
            return
        }
        let credential = Credential(request)
        let callID = request.query["call_id"]
        // An ephemeral key is a browser's, and a sideband is for servers.
        let minted = callID == nil ? credential.key.flatMap(findKey) : nil
        guard minted != nil || credential.isStandardKey(standardKey) else {
            self = .refusal(.badKey(credential))
            return
        }
        if let callID {
            self = hasCall(callID) ? .sideband(callID: callID) : .refusal(.unknownCall(callID))
            return
        }
        self = Self.session(request.query, bound: minted?.session)
    }

    private static func session(
        _ query: QueryParameters,
        bound: SessionConfiguration?
    ) -> Admission {
        if query["intent"] == "transcription" {
            return .session(bound ?? SessionConfiguration(kind: .transcription))
        }
        guard let model = query["model"] ?? bound?.model.name else {
            let message = "You must provide a model parameter."
            return .refusal(Refusal(JSONError(code: "missing_model", message: message)))
        }
        guard ModelTraits(name: model).isKnown else {
            let message = "Model \"\(model.prefix(64))\" is not supported in realtime mode."
            return .refusal(Refusal(JSONError(code: "invalid_model", message: message)))
        }
        var configuration = bound ?? SessionConfiguration(model: model)
        configuration.model = ModelTraits(name: model)
        return .session(configuration)
    }

    private static func asksForBeta(_ request: HTTPRequest) -> Bool {
        request.headers.contains("realtime=v1", in: "OpenAI-Beta")
            || WebSocketHandshake.subprotocols(of: request).contains("openai-beta.realtime-v1")
    }

    private static let betaRefusal = Refusal(
        JSONError(
            code: "beta_api_shape_disabled",
            message: "The beta interface is gone. "
                + "Leave out the OpenAI-Beta header and subprotocol."
        )
    )
}

/// Why a WebSocket is closed behind its 101: one error event, then a close frame.
struct Refusal: Sendable, Equatable {
    let error: JSONError
    let code: UInt16

    /// 4000 is for requests of a bad shape.
    init(_ error: JSONError, code: UInt16 = 4_000) {
        self.error = error
        self.code = code
    }

    static func badKey(_ credential: Credential) -> Refusal {
        let code = credential.key == nil ? "" : "invalid_api_key"
        return Refusal(JSONError(code: code, message: credential.rejection), code: 3_000)
    }

    static func unknownCall(_ id: String) -> Refusal {
        let message = "No session found for the provided call_id '\(id.prefix(64))'"
        return Refusal(JSONError(code: "call_id_not_found", message: message))
    }

    /// The reason of the close frame: the error's type and code.
    var reason: String {
        "invalid_request_error" + (error.code.isEmpty ? "" : ".\(error.code)")
    }

    func send(on connection: WebSocketConnection) {
        var identifiers = Identifiers()
        let event: JSONValue = [
            "type": "error", "event_id": .string(identifiers.event()),
            "error": RealtimeSession.json(error),
        ]
        connection.send(.text(event.bytes))
        connection.close(WebSocketCloseCode(rawValue: code), reason: reason)
    }
}
