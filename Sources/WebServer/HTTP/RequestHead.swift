internal import CMicroHTTPD
internal import Glibc

/// A request as far as its head tells, and what follows from that before the body is read.
struct RequestHead {
    var request: HTTPRequest
    /// Whether the head says once, and clearly, where the body ends.
    private let hasClearLength: Bool
    private let isKnownMethod: Bool
    private let isURLValid: Bool
    private let contentLength: Int?
    private let hasBody: Bool

    enum Admission {
        case handle(Route.Handler, deadline: Duration?)
        case answer(HTTPResponse)
    }

    /// Reads libmicrohttpd's connection; only in the access handler, on the connection's thread.
    init(_ connection: OpaquePointer, url: String, method: String, id: String, isSecure: Bool) {
        let headers = Self.headers(of: connection)
        let query = Self.query(of: connection)
        let path = url.first == "/" ? PercentCoding.decode(url.utf8) : nil
        let knownMethod = HTTPMethod(rawValue: method)
        request = HTTPRequest(
            method: knownMethod ?? .get,
            rawPath: url,
            path: path ?? url,
            query: query ?? QueryParameters(pairs: []),
            headers: headers,
            body: [],
            remoteAddress: Self.clientAddress(of: connection),
            isSecure: isSecure,
            id: id
        )
        contentLength = headers["Content-Length"].flatMap { Int($0) }
        hasBody = headers["Transfer-Encoding"] != nil || (contentLength ?? 0) > 0
        hasClearLength = Self.hasClearLength(headers)
        isKnownMethod = knownMethod != nil
        isURLValid = path != nil && query != nil
    }

    /// RFC 9112, 6.3: two statements about a body's length are how requests are smuggled past a
    /// proxy, so both together, or either twice, are refused.
    private static func hasClearLength(_ headers: HTTPHeaders) -> Bool {
        let codings = headers.values(of: "Transfer-Encoding")
        let lengths = headers.values(of: "Content-Length")
        guard let coding = codings.first else { return lengths.count <= 1 }
        return codings.count == 1 && lengths.isEmpty && coding.trimmed.lowercased() == "chunked"
    }

    /// What is wrong with the head by itself.
    private func error(_ application: HTTPApplication) -> HTTPError? {
        if !hasClearLength { return .badRequest("The length of the request's body is not clear.") }
        if !isURLValid { return .badRequest("The request's URL is not valid.") }
        return isKnownMethod ? nil : application.refusal(ofUnknownMethodAt: request.rawPath)
    }

    /// Decides whether the request is handled, and by whom.
    mutating func admit(_ server: HTTPServer) -> Admission {
        let limit = server.configuration.bodyLimitBytes
        let application = server.application
        if let error = error(application) {
            var response = application.response(for: error, request)
            // Where this request ends is not known, so nothing behind it may be read as another.
            if !hasClearLength { response.headers["Connection"] = "close" }
            return .answer(response)
        }
        switch application.admit(request, hasBody: hasBody) {
        case .answer(let response): return .answer(response)
        case .handle(let handler, let parameters, let deadline):
            if let contentLength, contentLength > limit {
                return .answer(application.response(for: .bodyTooLarge(limit: limit), request))
            }
            request.pathParameters = parameters
            request.body.reserveCapacity(min(contentLength ?? 0, 64 * 1_024))
            return .handle(handler, deadline: deadline)
        }
    }

    /// Whether a refusal should wait until the body came in, and was thrown away.
    ///
    /// An early answer closes the connection under a client that still sends, which then often sees
    /// a reset instead of the answer. Bodies beyond all measure, and clients that ask first
    /// (`Expect: 100-continue`), get it at once.
    func shouldReadBodyBeforeAnswering(_ configuration: HTTPServer.Configuration) -> Bool {
        hasBody && hasClearLength && !request.headers.contains("100-continue", in: "Expect")
            && (contentLength ?? 0) <= configuration.discardLimitBytes
    }

    // MARK: Reading libmicrohttpd

    private static func headers(of connection: OpaquePointer) -> HTTPHeaders {
        var headers = HTTPHeaders()
        withUnsafeMutablePointer(to: &headers) { headers in
            _ = MHD_get_connection_values_n(connection, .HEADER_KIND, collectHeader, headers)
        }
        return headers
    }

    private static func query(of connection: OpaquePointer) -> QueryParameters? {
        var raw: [(name: String, value: String)] = []
        withUnsafeMutablePointer(to: &raw) { raw in
            _ = MHD_get_connection_values_n(
                connection,
                .GET_ARGUMENT_KIND,
                collectArgument,
                raw
            )
        }
        guard !raw.isEmpty else { return QueryParameters(pairs: []) }
        return QueryParameters(decoding: raw)
    }

    private static func clientAddress(of connection: OpaquePointer) -> String {
        guard let address = CMicroHTTPD_clientAddress(connection) else { return "" }
        return NumericAddress.text(of: address)
    }
}

/// `MHD_KeyValueIteratorN` for header fields; `context` is the `HTTPHeaders` of the caller's frame.
private func collectHeader(
    context: UnsafeMutableRawPointer?,
    kind: MHD_ValueKind,
    key: UnsafePointer<CChar>?,
    keySize: Int,
    value: UnsafePointer<CChar>?,
    valueSize: Int
) -> MHD_Result {
    context?.assumingMemoryBound(to: HTTPHeaders.self).pointee
        .add(text(key, keySize), text(value, valueSize))
    return .YES
}

/// `MHD_KeyValueIteratorN` for the query; `context` is the array of the caller's frame.
private func collectArgument(
    context: UnsafeMutableRawPointer?,
    kind: MHD_ValueKind,
    key: UnsafePointer<CChar>?,
    keySize: Int,
    value: UnsafePointer<CChar>?,
    valueSize: Int
) -> MHD_Result {
    context?.assumingMemoryBound(to: [(name: String, value: String)].self).pointee
        .append((text(key, keySize), text(value, valueSize)))
    return .YES
}

private func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    guard let start else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
}
