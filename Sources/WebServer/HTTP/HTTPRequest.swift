public import JSON

/// One request, read whole.
public struct HTTPRequest: Sendable {
    /// The method.
    public var method: HTTPMethod
    /// The path with escapes as they came, without the query.
    public var rawPath: String
    /// The decoded path.
    public var path: String
    /// The decoded query.
    public var query: QueryParameters
    /// The header fields.
    public var headers: HTTPHeaders
    /// The body; empty until it was received.
    public var body: [UInt8]
    /// The client's numeric address, without its port.
    public var remoteAddress: String
    /// Whether the connection is TLS.
    public var isSecure: Bool
    /// The id that the answer carries in `X-Request-Id` and the log in `request_id`.
    public var id: String
    /// What the route's `{name}` parts matched.
    public var pathParameters: [String: String] = [:]

    /// Makes a request from its parts; for the server, and for tests without a socket.
    public init(
        method: HTTPMethod,
        rawPath: String,
        path: String,
        query: QueryParameters,
        headers: HTTPHeaders,
        body: [UInt8],
        remoteAddress: String,
        isSecure: Bool,
        id: String
    ) {
        self.method = method
        self.rawPath = rawPath
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
        self.id = id
    }

    /// The body as JSON; an empty body reads as an empty object.
    ///
    /// - Throws: ``JSONError`` when it is not valid JSON.
    public func json() throws(JSONError) -> JSONValue {
        body.isEmpty ? .object(JSONObject()) : try JSONValue(parsing: body)
    }

    /// A strict reader of the JSON object in the body.
    ///
    /// - Throws: ``JSONError`` when the body is not a JSON object.
    public func reader() throws(JSONError) -> JSONReader {
        try JSONReader(of: json())
    }

    /// Whether the client speaks TLS, to this server or to a proxy in front of it that says so.
    ///
    /// Anybody may say so: nothing may follow from it but what the client gets itself.
    public var isReachedSecurely: Bool {
        guard !isSecure else { return true }
        // Each proxy on the way adds its own; the first is the client's.
        let schemes = headers["X-Forwarded-Proto"]?.split(separator: ",")
        return schemes?.first.map { String($0).trimmed.lowercased() } == "https"
    }

    /// The scheme and authority under which the client reached this server.
    public var origin: String {
        "\(isReachedSecurely ? "https" : "http")://\(headers["Host"] ?? "localhost")"
    }
}
