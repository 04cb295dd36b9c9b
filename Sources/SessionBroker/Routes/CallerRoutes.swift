internal import ContextStore
internal import JSON
internal import WebServer

/// Who is calling, with the only door to what is theirs.
struct Caller: Sendable {
    let identity: Identity
    let store: UserStore

    /// Whether this is a server of the owner's, which may see and set what browsers may not.
    var isTrusted: Bool { identity.kind == .service }

    /// Refuses messages of the system or of tools unless the caller is trusted: to the model they
    /// would be instructions, which an end user may not give.
    ///
    /// - Throws: `HTTPError` 403 naming the first.
    func requireMayAdd(_ messages: [NewItem], isList: Bool) throws(HTTPError) {
        guard !isTrusted else { return }
        let index = messages.firstIndex {
            $0.kind == .message && $0.role != .user && $0.role != .assistant
        }
        guard let index else { return }
        throw HTTPError(
            status: 403,
            code: "service_key_required",
            message: "Only a service key may add messages of the system or of tools.",
            param: isList ? "messages[\(index)].role" : "role"
        )
    }

    /// Refuses tools with a webhook unless the caller is trusted.
    ///
    /// A webhook makes this server call an address, so only its owner may name one.
    ///
    /// - Parameters:
    ///   - tools: The tools of a request.
    ///   - path: Where they stand in its body.
    /// - Throws: `HTTPError` 403 naming the first.
    func requireMaySetWebhooks(of tools: [JSONValue], at path: String) throws(HTTPError) {
        guard !isTrusted else { return }
        for (index, tool) in tools.enumerated() where tool["x_broker"] != nil {
            throw HTTPError(
                status: 403,
                code: "service_key_required",
                message: "Only a service key may set 'x_broker'.",
                param: "\(path)[\(index)].x_broker"
            )
        }
    }
}

/// Makes routes whose handlers know who is calling.
struct CallerRoutes: Sendable {
    typealias Handler = @Sendable (HTTPRequest, Caller) async throws -> HTTPResponse

    let authenticator: Authenticator
    let store: ContextStore

    /// A route that refuses callers who cannot be identified.
    func route(
        _ method: HTTPMethod,
        _ path: String,
        consumes: [String] = ["application/json"],
        handler: @escaping Handler
    ) -> Route {
        Route(method, path, consumes: consumes) { request in
            let identity = try await authenticator.identify(request)
            let caller = Caller(identity: identity, store: store.user(identity.userID))
            var response = try await handler(request, caller)
            if let cookie = identity.setCookie { response.headers.add("Set-Cookie", cookie) }
            return response
        }
    }
}
