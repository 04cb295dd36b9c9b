/// Why there is no answer.
///
/// The texts are for the log: they may name hosts, but hold nothing of the request's header or body.
enum HTTPClientError: Error, Equatable, CustomStringConvertible {
    /// The request itself cannot be sent.
    case invalidRequest(String)
    /// No connection came about; nothing was sent.
    case connectFailed(String)
    /// All addresses of the host are such that this client does not connect to; nothing was sent.
    case destinationRefused
    /// The request's own time was over.
    case timedOut
    /// The answer's body or header is larger than ``HTTPClient/Settings`` allow.
    case responseTooLarge(limitBytes: Int)
    /// The connection ended or broke under the request, often because the server retired it; the
    /// request may have been carried out.
    case connectionLost(String)
    /// What came is not a whole HTTP answer; the request may have been carried out.
    case transferFailed(String)
    /// More requests are under way than ``HTTPClient/Settings/inFlightLimit``.
    case overloaded
    /// The client was shut down.
    case shutDown

    /// One sentence.
    var description: String {
        switch self {
        case .invalidRequest(let why): "invalid request: \(why)"
        case .connectFailed(let why): "no connection: \(why)"
        case .destinationRefused: "no connection: the address is not a public one"
        case .timedOut: "no answer in time"
        case .responseTooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .connectionLost(let why): "connection lost: \(why)"
        case .transferFailed(let why): "transfer failed: \(why)"
        case .overloaded: "too many requests are under way"
        case .shutDown: "the HTTP client was shut down"
        }
    }
}
