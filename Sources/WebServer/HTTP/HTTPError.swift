public import JSON

/// The one error that becomes an HTTP answer; anything else thrown is a 500 without detail.
///
/// `message` and `upstream` are shown to the client; `underlying` goes to the log alone.
public struct HTTPError: Error, Sendable {
    /// The status code, 400 to 599.
    public var status: Int
    /// The family of errors, in upstream's words, for example `invalid_request_error`.
    public var type: String
    /// A stable word for programs.
    public var code: String
    /// One or two sentences for people, safe to show.
    public var message: String
    /// The offending parameter, if one is to blame.
    public var param: String?
    /// What upstream answered, scrubbed.
    public var upstream: JSONObject?
    /// Header fields of the answer, such as `Retry-After` and `Allow`.
    public var headers: HTTPHeaders
    /// The cause, for the log.
    public var underlying: (any Error)?

    /// Makes an error from its parts; the type follows from the status unless given.
    public init(
        status: Int,
        type: String? = nil,
        code: String,
        message: String,
        param: String? = nil,
        upstream: JSONObject? = nil,
        headers: HTTPHeaders = [:],
        underlying: (any Error)? = nil
    ) {
        self.status = status
        self.type = type ?? Self.type(ofStatus: status)
        self.code = code
        self.message = message
        self.param = param
        self.upstream = upstream
        self.headers = headers
        self.underlying = underlying
    }

    private static func type(ofStatus status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 429: "rate_limit_error"
        case 502, 504: "upstream_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }
}

extension HTTPError {
    /// 400: the request's JSON is not what it should be.
    public static func badJSON(_ error: JSONError) -> HTTPError {
        HTTPError(status: 400, code: error.code, message: error.message, param: error.param)
    }

    /// 400: the request line or a header field cannot be read.
    public static func badRequest(_ message: String) -> HTTPError {
        HTTPError(status: 400, code: "bad_request", message: message)
    }

    /// 404: no such path.
    public static func noRoute(_ path: String) -> HTTPError {
        HTTPError(status: 404, code: "route_not_found", message: "There is nothing at \(path).")
    }

    /// 405: the path is known, the method is not.
    public static func methodNotAllowed(allowed: [HTTPMethod]) -> HTTPError {
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        return HTTPError(
            status: 405,
            code: "method_not_allowed",
            message: "This path answers to \(names).",
            headers: ["Allow": names]
        )
    }

    /// 408: the body did not arrive in time.
    public static let bodyTimeout = HTTPError(
        status: 408,
        code: "request_timeout",
        message: "The request's body did not arrive in time."
    )

    /// 413: the body is larger than the route takes.
    public static func bodyTooLarge(limit: Int) -> HTTPError {
        HTTPError(
            status: 413,
            code: "body_too_large",
            message: "The request's body may have at most \(limit) bytes."
        )
    }

    /// 415: the body is of a type that the route does not read.
    public static func unsupportedMediaType(accepted: [String]) -> HTTPError {
        HTTPError(
            status: 415,
            code: "unsupported_media_type",
            message: "The request's body must be \(accepted.joined(separator: " or "))."
        )
    }

    /// 500: a failure of ours.
    public static func internalError(_ underlying: any Error) -> HTTPError {
        HTTPError(
            status: 500,
            code: "internal_error",
            message: "The server failed to answer this request.",
            underlying: underlying
        )
    }

    /// 503: too much at once; trying again helps.
    public static func overloaded(_ message: String) -> HTTPError {
        HTTPError(
            status: 503,
            code: "overloaded",
            message: message,
            headers: ["Retry-After": "1"]
        )
    }

    /// 503: the handler did not finish before its deadline.
    public static let deadlineExceeded = HTTPError(
        status: 503,
        code: "deadline_exceeded",
        message: "The server could not answer in time."
    )
}
