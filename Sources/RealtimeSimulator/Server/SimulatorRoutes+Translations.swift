internal import Glibc
internal import JSON
internal import WebServer

// Translation sessions; upstream's other ways into them (minted keys, WebRTC) are not simulated.

extension SimulatorRoutes {
    func translate(_ request: HTTPRequest) throws -> HTTPResponse {
        let credential = Credential(request)
        guard credential.isStandardKey(configuration.apiKey) else {
            return try refuse(request, .badKey(credential))
        }
        let model = request.query["model"] ?? ""
        guard model == TranslationSettings.model else {
            let message =
                model.isEmpty
                ? "You must provide a model parameter."
                : "Model \"\(model.prefix(64))\" is not supported in translation mode."
            let code = model.isEmpty ? "missing_model" : "invalid_model"
            return try refuse(request, Refusal(JSONError(code: code, message: message)))
        }
        let environment = TranslationSession.Environment(
            startedAt: Int64(time(nil)),
            limitSeconds: configuration.sessionLimitSeconds,
            pace: configuration.pace,
            hearsTones: player.hearsTones
        ) { [player] in
            player.nextSocket(.translation, language: $0)
        }
        let session = TranslationSession(
            TranslationSettings(model: model),
            environment,
            Identifiers()
        )
        return try WebSocketUpgrade.response(
            to: request,
            subprotocols: ["realtime"],
            on: group.next()
        ) { [speech] in
            SimulatorConnection(session, speech)
        }
    }
}
