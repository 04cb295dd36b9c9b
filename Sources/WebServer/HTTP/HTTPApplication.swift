/// What a server answers with: a route table, a fallback, CORS, and one form of error.
///
/// A plain value without a socket, so that route tests call ``respond(to:)`` in process.
public struct HTTPApplication: Sendable {
    /// Turns an error into the product's error body; the request's id goes in there.
    public typealias ErrorRenderer = @Sendable (HTTPError, _ requestID: String) -> HTTPResponse
    /// Hears of every error that becomes an answer, for the log.
    public typealias ErrorObserver = @Sendable (HTTPError, HTTPRequest) -> Void

    /// The route table.
    public var router: Router
    /// Answers GET and HEAD of paths that no route has; nil for none.
    public var fallback: Route.Handler?
    /// Which other origins' pages may call.
    public var cors: CORSPolicy
    /// Header fields of every answer that does not set them itself.
    public var commonHeaders: HTTPHeaders
    /// Makes error answers.
    public var renderError: ErrorRenderer
    /// Hears of errors.
    public var observeError: ErrorObserver

    /// Makes an application from its parts.
    public init(
        router: Router,
        fallback: Route.Handler? = nil,
        cors: CORSPolicy = .sameOrigin,
        commonHeaders: HTTPHeaders = [:],
        renderError: @escaping ErrorRenderer,
        observeError: @escaping ErrorObserver = { _, _ in }
    ) {
        self.router = router
        self.fallback = fallback
        self.cors = cors
        self.commonHeaders = commonHeaders
        self.renderError = renderError
        self.observeError = observeError
    }

    /// What was decided from a request's head alone, before its body is read.
    enum Admission {
        case handle(Route.Handler, pathParameters: [String: String], deadline: Duration?)
        case answer(HTTPResponse)
    }

    func admit(_ request: HTTPRequest, hasBody: Bool) -> Admission {
        switch router.match(request.method, rawPath: request.rawPath) {
        case .found(let route, let parameters):
            if hasBody, !Self.reads(route.consumes, request.headers["Content-Type"]) {
                return refuse(.unsupportedMediaType(accepted: route.consumes), request)
            }
            return .handle(route.handler, pathParameters: parameters, deadline: route.deadline)
        case .methodNotAllowed(let allowed) where request.method == .options:
            return .answer(finish(preflight(allowed, request), request))
        case .methodNotAllowed(let allowed):
            return refuse(.methodNotAllowed(allowed: allowed), request)
        case .notFound:
            return admitFallback(request)
        }
    }

    /// Why a method that this server does not know is refused at a path.
    func refusal(ofUnknownMethodAt rawPath: String) -> HTTPError {
        .methodNotAllowed(allowed: router.allowedMethods(rawPath: rawPath) ?? Self.fileMethods)
    }

    private static let fileMethods: [HTTPMethod] = [.get, .head, .options]

    /// Files are only read; paths of the API that no route has are not there for any method.
    private func admitFallback(_ request: HTTPRequest) -> Admission {
        let isInAPI = request.path.hasPrefix("/api/") || request.path.hasPrefix("/v1/")
        guard let fallback, !isInAPI else { return refuse(.noRoute(request.path), request) }
        if request.method == .options {
            return .answer(finish(preflight(Self.fileMethods, request), request))
        }
        guard request.method == .get || request.method == .head else {
            return refuse(.methodNotAllowed(allowed: Self.fileMethods), request)
        }
        return .handle(fallback, pathParameters: [:], deadline: nil)
    }

    /// Answers a request whose body is there; never throws, and logs what went wrong.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        switch admit(request, hasBody: !request.body.isEmpty) {
        case .answer(let response): return response
        case .handle(let handler, let parameters, _):
            var request = request
            request.pathParameters = parameters
            return await run(handler, request)
        }
    }

    func run(_ handler: Route.Handler, _ request: HTTPRequest) async -> HTTPResponse {
        do {
            return finish(Compression.apply(to: try await handler(request), request), request)
        } catch {
            return response(for: HTTPError(wrapping: error), request)
        }
    }

    func response(for error: HTTPError, _ request: HTTPRequest) -> HTTPResponse {
        observeError(error, request)
        var response = renderError(error, request.id)
        for field in error.headers.fields { response.headers[field.name] = field.value }
        return finish(response, request)
    }

    private func refuse(_ error: HTTPError, _ request: HTTPRequest) -> Admission {
        .answer(response(for: error, request))
    }

    private func preflight(_ allowed: [HTTPMethod], _ request: HTTPRequest) -> HTTPResponse {
        var response = HTTPResponse(status: 204)
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        response.headers["Allow"] = names
        if request.headers["Access-Control-Request-Method"] != nil {
            cors.addPreflight(to: &response, allowed: names, request)
        }
        return response
    }

    private func finish(_ response: HTTPResponse, _ request: HTTPRequest) -> HTTPResponse {
        var response = response
        response.headers["X-Request-Id"] = request.id
        for field in commonHeaders.fields where response.headers[field.name] == nil {
            response.headers.add(field.name, field.value)
        }
        cors.add(to: &response, request)
        return response
    }

    /// Whether a body of this type is one that the handler reads; an unnamed type counts as one.
    private static func reads(_ accepted: [String], _ contentType: String?) -> Bool {
        guard let contentType else { return true }
        let type = contentType.prefix { $0 != ";" }
        return accepted.contains { $0 == String(type).trimmed.lowercased() || $0 == "*/*" }
    }
}
