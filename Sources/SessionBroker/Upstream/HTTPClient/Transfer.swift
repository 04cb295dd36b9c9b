internal import CCurl
internal import WebServer

/// One request under way and what has come of its answer; on the client's thread only.
final class Transfer {
    let submission: Submission
    let easy: EasyHandle
    private let settings: HTTPClient.Settings
    private var headers = HTTPHeaders()
    private var headerCount = 0
    private var body: [UInt8] = []
    /// The limit that the answer went beyond.
    private var exceededLimit: Int?
    /// Whether each address that libcurl asked for was refused; nil when it asked for none.
    private var isRefused: Bool?

    init(_ submission: Submission, easy: EasyHandle, settings: HTTPClient.Settings) {
        self.submission = submission
        self.easy = easy
        self.settings = settings
    }

    /// Loads the handle; whoever adds it to libcurl keeps this object until it is removed.
    func load(timeLeft: Duration) {
        easy.load(
            submission.request,
            timeout: timeLeft,
            onHeader: receiveHeader,
            onBody: receiveBody,
            context: Unmanaged.passUnretained(self).toOpaque()
        )
    }

    /// The transfer that a loaded handle belongs to.
    static func of(_ easy: UnsafeMutableRawPointer) -> Transfer? {
        var context: UnsafeMutableRawPointer?
        CCurl_getPointer(easy, CURLINFO_PRIVATE, &context)
        return context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// What libcurl's result means.
    func outcome(_ code: CURLcode, now: ContinuousClock.Instant) -> TransferOutcome {
        guard code != CURLE_OK else {
            return .success(IncomingResponse(status: easy.status, headers: headers, body: body))
        }
        return .failure(failure(code, now: now))
    }

    /// Whether libcurl may connect to an address; nil is one of neither IPv4 nor IPv6.
    func mayConnect(to address: IPAddress?) -> Bool {
        let isAllowed = address?.isPublic == true
        isRefused = isRefused != false && !isAllowed
        return isAllowed
    }

    /// Takes one header line with its line end; false ends the transfer.
    fileprivate func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headerCount += line.count
        guard headerCount <= settings.headerLimitBytes else {
            exceededLimit = settings.headerLimitBytes
            return false
        }
        // A status line starts the header anew: what was before belonged to a 1xx (RFC 9110, 15.2).
        if line.starts(with: "HTTP/".utf8) {
            headers = HTTPHeaders()
        } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: line[..<colon], as: UTF8.self)
            let value = line[(colon + 1)...].prefix { $0 != 0x0D && $0 != 0x0A }
            headers.add(name, String(decoding: value, as: UTF8.self).trimmed)
        }
        return true
    }

    /// Takes bytes of the body; false ends the transfer.
    fileprivate func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= settings.responseLimitBytes else {
            exceededLimit = settings.responseLimitBytes
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    private func failure(_ code: CURLcode, now: ContinuousClock.Instant) -> HTTPClientError {
        if let exceededLimit { return .responseTooLarge(limitBytes: exceededLimit) }
        if code == CURLE_COULDNT_CONNECT, isRefused == true { return .destinationRefused }
        return switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            .connectFailed(easy.reason(for: code))
        case CURLE_OPERATION_TIMEDOUT:
            // Before the request's own time is over, only connecting can time out.
            now < submission.deadline ? .connectFailed(easy.reason(for: code)) : .timedOut
        case CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
            CURLE_GOT_NOTHING:
            .connectionLost(easy.reason(for: code))
        case CURLE_URL_MALFORMAT:
            .invalidRequest(easy.reason(for: code))
        default:
            .transferFailed(easy.reason(for: code))
        }
    }
}

/// `CURLOPT_HEADERFUNCTION`: one whole line; any other number than the line's ends the transfer.
private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.takeHeader(line) ? line.count : -1
}

/// `CURLOPT_WRITEFUNCTION`: some of the body; any other number than its length ends the transfer.
private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.takeBody(part) ? part.count : -1
}
