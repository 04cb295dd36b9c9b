internal import WebServer

/// The answer to an opening handshake, read as it comes in (RFC 9112, 2 to 7); pure.
struct UpgradeAnswer {
    /// What is known after some bytes.
    enum Step {
        case incomplete
        /// A 101; the bytes behind its head are the WebSocket's.
        case switched(HTTPHeaders, rest: [UInt8])
        /// Any other answer, its body cut at the limit.
        case refused(IncomingResponse)
    }

    private struct Head {
        let status: Int
        let headers: HTTPHeaders
    }

    private let headLimitBytes: Int
    private let bodyLimitBytes: Int
    private var buffer: [UInt8] = []
    /// Where the line that is not whole yet begins.
    private var lineStart = 0
    private var lines: [String] = []
    private var head: Head?

    init(headLimitBytes: Int, bodyLimitBytes: Int = UpstreamRejection.bodyLimitBytes) {
        self.headLimitBytes = headLimitBytes
        self.bodyLimitBytes = bodyLimitBytes
    }

    /// Takes the next bytes.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(UpstreamSocketError) -> Step {
        buffer.append(contentsOf: bytes)
        while head == nil {
            guard try readHead() else { return .incomplete }
            guard let found = head else { continue }
            if found.status == 101 { return .switched(found.headers, rest: buffer) }
        }
        return try body(isWhole: false)
    }

    /// The connection ended: without a stated length, that is the end of a body, too.
    mutating func end() throws(UpstreamSocketError) -> Step {
        guard head != nil else { throw .connectionLost }
        return try body(isWhole: true)
    }

    // MARK: Head

    /// Reads lines up to the empty one; false when it has not come.
    ///
    /// An interim answer (1xx) is passed over: ``head`` is nil then.
    private mutating func readHead() throws(UpstreamSocketError) -> Bool {
        while let end = buffer[lineStart...].firstIndex(of: 0x0A) {
            guard end < headLimitBytes else { break }
            let line = buffer[lineStart..<end]
            lineStart = end + 1
            let text = String(
                decoding: line.last == 0x0D ? line.dropLast() : line,
                as: UTF8.self
            )
            guard text.isEmpty else {
                lines.append(text)
                // Garbage is called so at its first line, not at a limit.
                if lines.count == 1 { _ = try Self.status(of: text) }
                continue
            }
            try finishHead()
            return true
        }
        guard buffer.count < headLimitBytes else {
            throw .headTooLarge(limitBytes: headLimitBytes)
        }
        guard lines.first != nil || Self.mayBeHTTP(buffer) else {
            throw .malformedAnswer("it does not begin with HTTP/1")
        }
        return false
    }

    private mutating func finishHead() throws(UpstreamSocketError) {
        let status = try Self.status(of: lines.first ?? "")
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
                !line[..<colon].utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
            else { throw .malformedAnswer("a header field has no name") }
            headers.add(
                String(line[..<colon]),
                String(line[line.index(after: colon)...]).trimmed
            )
        }
        buffer.removeFirst(lineStart)
        lineStart = 0
        lines = []
        // RFC 9110, 15.2: any number of interim answers may come first.
        let isInterim = status < 200 && status != 101
        head = isInterim ? nil : Head(status: status, headers: headers)
    }

    /// The status of a status line: `HTTP/1.` digit, space, three digits, and a space or the end.
    private static func status(of line: String) throws(UpstreamSocketError) -> Int {
        let bytes = Array(line.utf8)
        guard mayBeHTTP(bytes), bytes.count >= 12, bytes[8] == 0x20,
            bytes.count == 12 || bytes[12] == 0x20,
            bytes[9..<12].allSatisfy({ (0x30...0x39).contains($0) }),
            let status = Int(String(decoding: bytes[9..<12], as: UTF8.self)), status >= 100
        else { throw .malformedAnswer("its first line is no status line") }
        return status
    }

    private static func mayBeHTTP(_ bytes: [UInt8]) -> Bool {
        zip(bytes, "HTTP/1.".utf8).allSatisfy { $0 == $1 }
    }

    // MARK: Body

    private func body(isWhole: Bool) throws(UpstreamSocketError) -> Step {
        guard let head else { return .incomplete }
        var body = buffer
        var isDone = isWhole
        if head.status == 204 || head.status == 304 {
            (body, isDone) = ([], true)
        } else if head.headers.contains("chunked", in: "Transfer-Encoding") {
            let chunks = ChunkedBody(buffer)
            (body, isDone) = (chunks.bytes, isDone || chunks.isEnded)
        } else if let length = head.headers["Content-Length"].flatMap({ Int($0) }), length >= 0 {
            body = Array(buffer.prefix(length))
            isDone = isDone || body.count == length
        }
        guard isDone || buffer.count >= bodyLimitBytes else { return .incomplete }
        return .refused(
            IncomingResponse(
                status: head.status,
                headers: head.headers,
                body: Array(body.prefix(bodyLimitBytes))
            )
        )
    }
}

/// As much of a chunked body as is there (RFC 9112, 7.1); what is damaged ends it.
private struct ChunkedBody {
    private(set) var bytes: [UInt8] = []
    /// Whether nothing more is to be expected.
    private(set) var isEnded = false

    init(_ buffer: [UInt8]) {
        var rest = buffer[...]
        while let lineEnd = rest.firstIndex(of: 0x0A) {
            // Behind a semicolon are extensions, which nobody uses.
            let digits = rest[..<lineEnd].prefix { $0 != 0x0D && $0 != 0x3B && $0 != 0x20 }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size > 0
            else {
                isEnded = true
                return
            }
            rest = rest[(lineEnd + 1)...]
            bytes += rest.prefix(size)
            guard rest.count > size else { return }
            rest = rest.dropFirst(size)
            // The line end behind the chunk.
            if rest.first == 0x0D { rest = rest.dropFirst() }
            if rest.first == 0x0A { rest = rest.dropFirst() }
        }
    }
}
