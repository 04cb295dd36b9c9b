public import JSON

/// One answer: a status, header fields and a body.
public struct HTTPResponse: Sendable {
    /// What is sent behind the header.
    public enum Body: Sendable {
        /// Bytes that are there already.
        case bytes([UInt8])
        /// Bytes that are made while they are sent (chunked).
        case stream(ResponseStream)
        /// No body: the connection leaves HTTP behind a 101.
        case upgrade(@Sendable (UpgradedSocket) -> Void)
        /// Whatever somebody else writes to the connection, beginning with this answer's head, until
        /// they close it; not under TLS.
        case detached(@Sendable (UpgradedSocket, _ head: [UInt8]) -> Void)
    }

    /// The status code.
    public var status: Int
    /// The header fields; `Content-Length`, `Date` and `Connection` are the server's business.
    public var headers: HTTPHeaders
    /// The body.
    public var body: Body
    /// Whether the body may be compressed; off for answers that carry secrets (BREACH).
    public var isCompressible: Bool

    /// Makes an answer from its parts.
    public init(
        status: Int,
        headers: HTTPHeaders = [:],
        body: Body = .bytes([]),
        isCompressible: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isCompressible = isCompressible
    }

    /// An answer with a JSON body, compressible unless told otherwise.
    public static func json(
        _ value: JSONValue,
        status: Int = 200,
        isCompressible: Bool = true
    ) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": "application/json"],
            body: .bytes(value.bytes),
            isCompressible: isCompressible
        )
    }

    /// An answer of text.
    public static func text(
        _ text: String,
        status: Int = 200,
        contentType: String = "text/plain; charset=utf-8"
    ) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": contentType],
            body: .bytes(Array(text.utf8)),
            isCompressible: true
        )
    }

    /// An answer that streams.
    public static func stream(_ stream: ResponseStream, contentType: String) -> HTTPResponse {
        HTTPResponse(status: 200, headers: ["Content-Type": contentType], body: .stream(stream))
    }

    /// 101 Switching Protocols; `accept` is called on a server thread once the socket is free.
    public static func upgrade(
        headers: HTTPHeaders,
        accept: @escaping @Sendable (UpgradedSocket) -> Void
    ) -> HTTPResponse {
        HTTPResponse(status: 101, headers: headers, body: .upgrade(accept))
    }

    /// The bytes of a body that is there already, for tests and logs; nil for the other kinds.
    public var bytes: [UInt8]? {
        if case .bytes(let bytes) = body { bytes } else { nil }
    }
}

/// A connection that left HTTP (RFC 9110, 7.8), handed to whoever speaks the new protocol.
public struct UpgradedSocket: Sendable {
    /// The connection; owned by libmicrohttpd, so never close it, call ``close`` instead.
    public let fileDescriptor: Int32
    /// What the client sent behind its request already.
    public let receivedBytes: [UInt8]
    /// Ends the connection; call exactly once, from any thread.
    public let close: @Sendable () -> Void

    package init(
        fileDescriptor: Int32,
        receivedBytes: [UInt8],
        close: @escaping @Sendable () -> Void
    ) {
        self.fileDescriptor = fileDescriptor
        self.receivedBytes = receivedBytes
        self.close = close
    }
}
