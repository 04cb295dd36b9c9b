import JSON

@testable import WebServer

extension HTTPRequest {
    /// A request as it would come from a socket.
    static func make(
        _ method: HTTPMethod = .get,
        _ path: String,
        headers: HTTPHeaders = [:],
        body: String = ""
    ) -> HTTPRequest {
        HTTPRequest(
            method: method,
            rawPath: path,
            path: PercentCoding.decode(path.utf8) ?? path,
            query: QueryParameters(pairs: []),
            headers: headers,
            body: Array(body.utf8),
            remoteAddress: "127.0.0.1",
            isSecure: false,
            id: "req_test"
        )
    }
}

extension HTTPApplication {
    /// An application with the given routes, whose errors read `code: message`.
    static func make(_ routes: [Route], cors: CORSPolicy = .sameOrigin) -> HTTPApplication {
        HTTPApplication(
            router: Router(routes),
            cors: cors,
            renderError: { error, id in
                .json(
                    ["error": ["code": .string(error.code)], "request_id": .string(id)],
                    status: error.status
                )
            }
        )
    }
}

extension HTTPResponse {
    var text: String {
        String(decoding: bytes ?? [], as: UTF8.self)
    }
}
