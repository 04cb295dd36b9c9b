internal import JSON
internal import WebServer

/// Why asking a language model once brought nothing usable.
enum ModelFailure: Error, Sendable, Equatable {
    /// May go better next time; upstream may say when that is.
    case passing(reason: String, retryAfter: Duration?)
    /// An answer that is of no use; another one may be.
    case useless(reason: String)
    /// Lies in what was asked: the same would happen again.
    case lasting(reason: String)
    /// Lies in settings or in the account, whatever is asked.
    case setup(reason: String)

    /// What an error of upstream's means.
    init(_ error: HTTPError) {
        let status = error.upstream?["status"]?.integerValue
        let reason = "\(error.status) \(error.code)"
        let isAboutModel = error.param == "model" || error.code.hasPrefix("model_")
        if Self.setupStatuses.contains(status ?? 0) || Self.setupCodes.contains(error.code)
            || isAboutModel
        {
            self = .setup(reason: reason)
        } else if error.status == 429 || error.status >= 500 {
            let seconds = error.headers["Retry-After"].flatMap { Int64($0) }
            self = .passing(reason: reason, retryAfter: seconds.map { .seconds($0) })
        } else {
            self = .lasting(reason: reason)
        }
    }

    /// What an answer without the text that was asked for means; nil when it has one.
    init?(_ outcome: ModelResponse.Outcome) {
        switch outcome {
        case .text: return nil
        case .refusal: self = .lasting(reason: "the model declined")
        case .incomplete: self = .lasting(reason: "the answer was cut off")
        case .failed: self = .useless(reason: "the model failed")
        }
    }

    /// Servers that have no such interface.
    private static let setupStatuses: Set<Int64> = [404, 405, 501]
    /// A wrong key, and an account that has run dry.
    private static let setupCodes: Set<String> = ["upstream_rejected_key", "insufficient_quota"]
}
