internal import WebServer

/// A request of ours to some server.
struct OutgoingRequest: Sendable {
    /// The method; `options` is of no use here.
    var method: HTTPMethod
    /// An absolute `http:` or `https:` URL.
    var url: String
    /// Header fields; `Host`, `Content-Length` and `Connection` are libcurl's business.
    var headers: HTTPHeaders
    /// The body; nil for none, which differs from an empty one.
    var body: [UInt8]?
    /// How long everything may take, all attempts and the pauses between them included.
    var timeout: Duration
    /// Whether a repeated request does no harm, so that "come back later" is followed.
    var isSafeToRepeat: Bool

    /// Makes a request.
    init(
        _ method: HTTPMethod,
        _ url: String,
        headers: HTTPHeaders = [:],
        body: [UInt8]? = nil,
        timeout: Duration = .seconds(15),
        isSafeToRepeat: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.isSafeToRepeat = isSafeToRepeat
    }

    /// Refuses what would let a value break out of its place in the request.
    ///
    /// - Throws: ``HTTPClientError/invalidRequest(_:)``.
    func validate() throws(HTTPClientError) {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard scheme == "https" || scheme == "http" else {
            throw .invalidRequest("The URL must begin with https: or http:.")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalidRequest("The URL has a character that must be escaped.")
        }
        for (name, value) in headers.fields {
            guard Self.isFieldName(name) else {
                throw .invalidRequest("A header field has an invalid name.")
            }
            guard value.utf8.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }) else {
                throw .invalidRequest("The header field \(name) has an invalid value.")
            }
        }
    }

    /// Whether a header field may have a name: RFC 9110, 5.1.
    static func isFieldName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(isTokenByte)
    }

    /// RFC 9110, 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// A whole answer.
struct IncomingResponse: Sendable {
    /// The status code.
    var status: Int
    /// The header fields, trailers included.
    var headers: HTTPHeaders
    /// The body.
    var body: [UInt8]
}
