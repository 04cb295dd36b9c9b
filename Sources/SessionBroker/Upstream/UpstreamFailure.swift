internal import JSON
internal import WebServer

/// Turns what went wrong upstream into what our client is told.
///
/// The client's own mistakes come back as its mistakes; what it cannot mend is a 502 or 504.
/// Everything that upstream wrote is scrubbed.
struct UpstreamFailure: Sendable {
    let scrubber: Scrubber
    /// The wall clock in Unix seconds, for `Retry-After` dates.
    let unixSeconds: @Sendable () -> Int64

    /// Upstream's words are kept up to this many characters.
    private static let messageLimit = 1_000
    /// What a client is told when upstream limits the rate but not for how long.
    private static let defaultRetrySeconds: Int64 = 10

    /// The error for an answer with a status other than success.
    func error(for response: IncomingResponse) -> HTTPError {
        let told = Told(response, scrubber, limit: Self.messageLimit)
        var error: HTTPError
        switch response.status {
        case 400, 404, 422: error = refusal(response.status, told)
        case 401, 403: error = Self.rejectedKey
        case 429:
            error = HTTPError(
                status: 429,
                code: told?.code ?? "rate_limit_exceeded",
                message: told?.message ?? "Upstream limits the rate of requests."
            )
        default: error = failure("Upstream failed with status \(response.status).")
        }
        error.upstream = summary(response.status, told)
        let seconds = RetryAfter.seconds(in: response, now: unixSeconds())
        if let seconds = seconds ?? (error.status == 429 ? Self.defaultRetrySeconds : nil) {
            error.headers["Retry-After"] = String(seconds)
        }
        return error
    }

    /// The error for a success that is not what was asked for.
    func malformed(_ response: IncomingResponse) -> HTTPError {
        var error = Self.malformedAnswer
        error.upstream = summary(response.status, nil)
        return error
    }

    /// The error for no answer at all; cancellation stays what it is.
    func error(for failure: any Error) -> any Error {
        guard let failure = failure as? HTTPClientError else { return failure }
        var error =
            switch failure {
            case .timedOut: Self.timeout
            case .overloaded, .shutDown: Self.overload
            case .responseTooLarge, .transferFailed: Self.malformedAnswer
            case .connectFailed, .destinationRefused, .connectionLost, .invalidRequest:
                Self.unreachable
            }
        error.underlying = failure
        return error
    }

    /// The error for a socket that could not be opened; cancellation stays what it is.
    func socketError(for failure: any Error) -> any Error {
        guard let failure = failure as? UpstreamSocketError else { return failure }
        var error =
            switch failure {
            case .rejected(let rejection): self.error(for: rejection.response)
            case .timedOut: Self.timeout
            case .overloaded, .shutDown: Self.overload
            case .malformedAnswer, .headTooLarge, .upgradeNotConfirmed: Self.malformedAnswer
            case .hostNotFound, .connectFailed, .tlsFailed, .connectionLost, .invalidRequest:
                Self.unreachable
            }
        error.underlying = failure
        return error
    }

    // MARK: The errors

    private static let timeout = HTTPError(
        status: 504,
        code: "upstream_timeout",
        message: "Upstream did not answer in time."
    )
    private static let overload = HTTPError.overloaded(
        "Too many requests to upstream are under way."
    )
    private static let malformedAnswer = HTTPError(
        status: 502,
        code: "upstream_malformed_answer",
        message: "Upstream's answer could not be understood."
    )
    private static let unreachable = HTTPError(
        status: 502,
        code: "upstream_unreachable",
        message: "Upstream could not be reached."
    )

    /// A 400, 404 or 422: the caller's mistake, if upstream says so in its own form.
    ///
    /// A 404 about nothing that the caller chose means that the base URL is wrong.
    private func refusal(_ status: Int, _ told: Told?) -> HTTPError {
        guard let told, let message = told.message else {
            return failure("Upstream failed with status \(status).")
        }
        guard told.code != "invalid_api_key" else { return Self.rejectedKey }
        let isAboutSession = told.param?.hasPrefix("session") == true
        let isAboutModel = told.param == "model" || told.code?.contains("model") == true
        guard status != 404 || isAboutSession || isAboutModel else {
            return failure("Upstream does not know this request; is the base URL right?")
        }
        return HTTPError(
            status: 400,
            code: told.code ?? "invalid_request",
            message: message,
            param: told.param
        )
    }

    private static let rejectedKey = HTTPError(
        status: 502,
        code: "upstream_rejected_key",
        message: "Upstream does not accept this broker's key; its operator must mend that."
    )

    private func failure(_ message: String) -> HTTPError {
        HTTPError(status: 502, code: "upstream_failed", message: message)
    }

    private func summary(_ status: Int, _ told: Told?) -> JSONObject {
        [
            "status": .integer(Int64(status)),
            "message": .optional(told?.message),
            "code": .optional(told?.code),
        ]
    }
}

/// What an error answer says, scrubbed and shortened.
private struct Told {
    var message: String?
    var code: String?
    var param: String?

    /// Reads `{"error":{"message","type","code","param"}}`, or `{"code","error":"message"}` as some
    /// compatible servers write it; nil for anything else.
    init?(_ response: IncomingResponse, _ scrubber: Scrubber, limit: Int) {
        guard let answer = try? JSONValue(parsing: response.body), let error = answer["error"]
        else {
            return nil
        }
        func text(_ value: JSONValue?) -> String? {
            guard let value, value != .null else { return nil }
            let text = value.stringValue ?? value.integerValue.map { String($0) } ?? ""
            return text.isEmpty ? nil : String(scrubber.scrub(text).prefix(limit))
        }
        if error.objectValue == nil {
            message = text(error)
            code = text(answer["code"])
        } else {
            message = text(error["message"])
            code = text(error["code"])
            param = text(error["param"])
        }
    }
}
