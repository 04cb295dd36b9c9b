/// Why a tool's webhook has no output.
enum WebhookError: Error, Sendable, Equatable, CustomStringConvertible {
    /// All attempts together took longer than the tool may.
    case timedOut
    /// No connection came about, or it broke.
    case unreachable(String)
    /// The address is not a public one, and private ones are not allowed.
    case addressRefused
    /// The answer is not one of success.
    case status(Int)
    /// The answer is too large.
    case tooLarge(limitBytes: Int)
    /// The answer is not text in UTF-8.
    case notText
    /// The call could not be made at all, for a reason of this broker's.
    case notSent(String)

    /// One sentence for the model, which may say it to the user: nothing of where the tool is.
    var modelMessage: String {
        switch self {
        case .timedOut: "The tool did not answer in time."
        case .unreachable, .addressRefused: "The tool could not be reached."
        case .status: "The tool failed."
        case .tooLarge: "The tool's answer is too large."
        case .notText: "The tool's answer is not text."
        case .notSent: "The tool could not be called."
        }
    }

    /// One sentence for the log: no header field, no part of the URL behind its host, nothing of
    /// the answer's body.
    var description: String {
        switch self {
        case .timedOut: "no answer in time"
        case .unreachable(let why): why
        case .addressRefused:
            "the address is not a public one; \(Setting.allowsPrivateWebhooks.rawValue) allows others"
        case .status(let status) where (300...399).contains(status):
            "status \(status); redirects are not followed"
        case .status(let status): "status \(status)"
        case .tooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .notText: "the answer is not UTF-8"
        case .notSent(let why): why
        }
    }

    /// What a failure of a request means.
    init(_ error: HTTPClientError) {
        switch error {
        case .timedOut: self = .timedOut
        case .destinationRefused: self = .addressRefused
        case .responseTooLarge(let limit): self = .tooLarge(limitBytes: limit)
        case .connectFailed, .connectionLost, .transferFailed: self = .unreachable("\(error)")
        case .invalidRequest, .overloaded, .shutDown: self = .notSent("\(error)")
        }
    }
}
