public import ContextStore
internal import JSON
public import WebServer

/// The one form of the broker's errors (api.md, 2).
enum BrokerError {
    /// Turns an error into its answer.
    static func render(_ error: HTTPError, requestID: String) -> HTTPResponse {
        var body: JSONObject = [
            "type": .string(error.type),
            "code": .string(error.code),
            "message": .string(error.message),
            "param": .optional(error.param),
        ]
        if let upstream = error.upstream { body["upstream"] = .object(upstream) }
        return .json(
            ["error": .object(body), "request_id": .string(requestID)],
            status: error.status
        )
    }
}

extension ContextStoreError: HTTPErrorConvertible {
    /// What a refusal or a failure of the store means to a client.
    public var httpError: HTTPError {
        switch self {
        case .notFound: .objectNotFound
        case .conflict(let code, let message):
            HTTPError(status: 409, code: code, message: message)
        case .invalidCursor:
            HTTPError(
                status: 400,
                code: "invalid_value",
                message: "'after' and 'before' must name objects of this list.",
                param: "after"
            )
        case .overloaded:
            .overloaded("Too many writes are waiting; try again.")
        case .unavailable, .corrupt, .newerDatabase, .closed:
            HTTPError(
                status: 503,
                code: "storage_unavailable",
                message: "The store cannot take this now; nothing was stored. Try again.",
                headers: ["Retry-After": "1"],
                underlying: self
            )
        case .refused: .internalError(self)
        }
    }
}
