internal import JSON
internal import WebServer

/// What `POST /v1/realtime/calls` asks for, in either of its two forms.
///
/// A server sends a form with the parts `sdp` and `session`; a browser sends the offer alone, and
/// its ephemeral key brings the session.
struct CallRequest: Sendable {
    static let mediaTypes = ["multipart/form-data", "application/sdp"]
    /// An offer and the longest instructions fit several times.
    private static let limitBytes = 4 * 1_024 * 1_024

    let offer: SDPOffer
    let session: SessionConfiguration

    /// Reads a request whose key is good.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - bound: What the ephemeral key is bound to; nil for the standard key.
    /// - Throws: `HTTPError` and `JSONError`, in upstream's words where they are known.
    init(_ request: HTTPRequest, bound: SessionConfiguration?) throws {
        guard request.body.count <= Self.limitBytes else {
            throw HTTPError.bodyTooLarge(limit: Self.limitBytes)
        }
        let field = request.headers["Content-Type"] ?? ""
        switch HeaderParameters(field).value {
        case "application/sdp":
            session = try bound ?? Self.session(named: request.query["model"])
            offer = try SDPOffer(request.body)
        case "multipart/form-data":
            let form = try MultipartForm(request.body, contentType: field)
            try Self.checkNames(of: form)
            session = try Self.session(try form.body(of: "session"), bound: bound)
            guard let sdp = try form.body(of: "sdp") else {
                throw Self.error("missing_required_parameter", "The part 'sdp' is missing.", "sdp")
            }
            offer = try SDPOffer(sdp)
        default: throw HTTPError.unsupportedMediaType(accepted: Self.mediaTypes)
        }
    }

    private static func checkNames(of form: MultipartForm) throws(JSONError) {
        guard let unknown = form.parts.first(where: { !["sdp", "session"].contains($0.name) })
        else { return }
        let name = String(unknown.name.prefix(64))
        throw error("unknown_parameter", "Unknown parameter: '\(name)'.", name)
    }

    private static func session(
        _ json: [UInt8]?,
        bound: SessionConfiguration?
    ) throws(JSONError) -> SessionConfiguration {
        guard let json else {
            if let bound { return bound }
            return try session(named: nil)
        }
        guard let object = try JSONValue(parsing: json).objectValue else {
            throw error(
                "invalid_type",
                "Invalid type for 'session': expected an object.",
                "session"
            )
        }
        if var bound {
            try bound.update(object)
            return bound
        }
        let session = try SessionConfiguration(creating: object)
        try check(session.model)
        return session
    }

    private static func session(named model: String?) throws(JSONError) -> SessionConfiguration {
        let session = SessionConfiguration(model: model ?? ModelTraits.standard)
        try check(session.model)
        return session
    }

    private static func check(_ model: ModelTraits) throws(JSONError) {
        guard !model.isKnown else { return }
        let message = "Model \"\(model.name.prefix(64))\" is not supported in realtime mode."
        throw error("invalid_model", message, "session.model")
    }

    private static func error(_ code: String, _ message: String, _ param: String) -> JSONError {
        JSONError(code: code, message: message, param: param)
    }
}
