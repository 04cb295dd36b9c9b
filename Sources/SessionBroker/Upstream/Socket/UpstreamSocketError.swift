internal import WebServer

/// Why there is no socket to upstream.
///
/// The texts are for the log: they may name hosts, but hold nothing of the request's header, and what
/// upstream wrote is scrubbed.
enum UpstreamSocketError: Error, Equatable, CustomStringConvertible {
    /// How far an attempt had come.
    enum Phase: String, Sendable {
        /// The name, the connection, a proxy, TLS.
        case connecting
        /// The request was sent, the answer was not whole.
        case upgrading
        /// The socket is there; whether upstream takes the session's settings was not said.
        case configuring
    }

    /// The request itself cannot be sent.
    case invalidRequest(String)
    /// Nobody knows the host's name.
    case hostNotFound(String)
    /// The host refuses connections, or there is no way to it or through the proxy.
    case connectFailed(String)
    /// TLS failed, most often because the certificate is not trusted or not the host's.
    case tlsFailed(String)
    /// The attempt's time was over.
    case timedOut(Phase)
    /// The connection ended or broke before the answer was whole.
    case connectionLost
    /// What came is no HTTP answer.
    case malformedAnswer(String)
    /// The answer's header is larger than ``UpstreamSocketOpener/Settings/headLimitBytes``.
    case headTooLarge(limitBytes: Int)
    /// A 101 that does not answer our handshake: a proxy's or a cache's, perhaps.
    case upgradeNotConfirmed(String)
    /// Upstream answered with another status than 101.
    case rejected(UpstreamRejection)
    /// More attempts are under way than ``UpstreamSocketOpener/Settings/attemptLimit``, or the system
    /// has no descriptor left.
    case overloaded
    /// The event loop for connecting has ended.
    case shutDown

    /// One sentence.
    var description: String {
        switch self {
        case .invalidRequest(let why): "invalid request: \(why)"
        case .hostNotFound(let why): "unknown host: \(why)"
        case .connectFailed(let why): "no connection: \(why)"
        case .tlsFailed(let why): "no TLS: \(why)"
        case .timedOut(let phase): "no socket in time, while \(phase.rawValue)"
        case .connectionLost: "the connection ended before the answer was whole"
        case .malformedAnswer(let why): "the answer is not HTTP: \(why)"
        case .headTooLarge(let limit): "the answer's header is larger than \(limit) bytes"
        case .upgradeNotConfirmed(let why): "the upgrade is not confirmed: \(why)"
        case .rejected(let rejection): "refused with \(rejection)"
        case .overloaded: "too many sockets are being opened"
        case .shutDown: "sockets are no longer opened"
        }
    }
}

/// Upstream's answer to an opening handshake that it did not take.
struct UpstreamRejection: Sendable, Equatable {
    /// The status: anything but 101.
    let status: Int
    /// `Retry-After` as it came.
    private let retryAfter: String?
    /// The beginning of the body as it came, not scrubbed.
    private let body: [UInt8]
    /// The beginning of the body, scrubbed, for the log.
    let text: String

    /// The most of a body that is read.
    static let bodyLimitBytes = 16 * 1_024
    private static let textLimit = 500

    /// Takes what is worth keeping from an answer.
    init(_ answer: IncomingResponse, scrubber: Scrubber) {
        status = answer.status
        retryAfter = answer.headers["Retry-After"]
        body = answer.body
        let text = scrubber.scrub(String(decoding: answer.body, as: UTF8.self))
        self.text = String(text.prefix(Self.textLimit))
    }

    /// The answer, for ``UpstreamFailure``, which scrubs it.
    var response: IncomingResponse {
        var headers = HTTPHeaders()
        headers["Retry-After"] = retryAfter
        return IncomingResponse(status: status, headers: headers, body: body)
    }
}

extension UpstreamRejection: CustomStringConvertible, CustomReflectable {
    var description: String { "status \(status): \(text)" }

    /// Without the body, which may hold what a log must not.
    var customMirror: Mirror { Mirror(self, children: ["status": status, "text": text]) }
}
