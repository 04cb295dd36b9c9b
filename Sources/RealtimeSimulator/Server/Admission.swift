internal import JSON
internal import WebServer

/// What a WebSocket gets behind its 101, decided from its request alone.
///
/// Upstream always answers 101, and refuses with an error event and a close frame.
enum Admission: Sendable, Equatable {
    case session(SessionConfiguration)
    case refusal(JSONError, code: UInt16)

    /// Decides.
    ///
    /// - Parameters:
    ///   - request: The opening handshake.
    ///   - standardKey: The key that is right; nil for any.
    ///   - findKey: Finds a minted key that has not expired.
    init(
        _ request: HTTPRequest,
        standardKey: String?,
        findKey: (String) -> KeyStore.Key?
    ) {
        guard !Self.asksForBeta(request) else {
            self = .refusal(Self.betaError, code: 4_000)
            return
        }
        let credential = Credential(request)
        let minted = credential.key.flatMap(findKey)
        guard minted != nil || credential.isStandardKey(standardKey) else {
            let code = credential.key == nil ? "" : "invalid_api_key"
            let error = JSONError(code: code, message: credential.rejection)
            self = .refusal(error, code: 3_000)
            return
        }
        self = Self.session(request.query, bound: minted?.session)
    }

    /// The reason of the close frame: the error's type and code.
    var reason: String {
        guard case .refusal(let error, _) = self else { return "" }
        return "invalid_request_error" + (error.code.isEmpty ? "" : ".\(error.code)")
    }

    private static func session(
        _ query: QueryParameters,
        bound: SessionConfiguration?
    ) -> Admission {
        if let call = query["call_id"] {
            let message = "No session found for the provided call_id '\(call.prefix(64))'"
            return .refusal(JSONError(code: "call_id_not_found", message: message), code: 4_000)
        }
        if query["intent"] == "transcription" {
            return .session(bound ?? SessionConfiguration(kind: .transcription))
        }
        guard let model = query["model"] ?? bound?.model.name else {
            let message = "You must provide a model parameter."
            return .refusal(JSONError(code: "missing_model", message: message), code: 4_000)
        }
        guard ModelTraits(name: model).isKnown else {
            let message = "Model \"\(model.prefix(64))\" is not supported in realtime mode."
            return .refusal(JSONError(code: "invalid_model", message: message), code: 4_000)
        }
        var configuration = bound ?? SessionConfiguration(model: model)
        configuration.model = ModelTraits(name: model)
        return .session(configuration)
    }

    private static func asksForBeta(_ request: HTTPRequest) -> Bool {
        request.headers.contains("realtime=v1", in: "OpenAI-Beta")
            || WebSocketHandshake.subprotocols(of: request).contains("openai-beta.realtime-v1")
    }

    private static let betaError = JSONError(
        code: "beta_api_shape_disabled",
        message: "The beta interface is gone. Leave out the OpenAI-Beta header and subprotocol."
    )
}
