import WebServer

extension HTTPRequest {
    /// A request as a browser or a server sends it to a broker on loopback.
    static func make(
        _ method: HTTPMethod = .get,
        headers: HTTPHeaders = [:],
        host: String? = "127.0.0.1:8080",
        isSecure: Bool = false
    ) -> HTTPRequest {
        var all = headers
        if let host { all["Host"] = host }
        return HTTPRequest(
            method: method,
            rawPath: "/api/session",
            path: "/api/session",
            query: QueryParameters(pairs: []),
            headers: all,
            body: [],
            remoteAddress: "127.0.0.1",
            isSecure: isSecure,
            id: "req_1"
        )
    }
}
