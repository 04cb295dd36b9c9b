internal import CCurl

/// The parts of an absolute URL, as libcurl reads it: so that it means here what it means in a
/// request.
struct URLParts: Sendable, Equatable {
    /// Why a text is no URL, in libcurl's words, which name no part of the text.
    struct ParsingError: Error, Equatable {
        let reason: String
    }

    /// In lower case.
    let scheme: String
    /// The host as it stands in a URL: an IPv6 address has its brackets.
    let host: String
    /// The port, if the URL names one.
    let port: Int?
    /// Who asks; the password is not kept.
    let user: String?
    /// `/` at least.
    let path: String
    let query: String?
    let fragment: String?

    /// Reads a URL.
    ///
    /// - Throws: ``ParsingError`` for what is none, or has no host.
    init(_ text: String) throws(ParsingError) {
        guard let parser = curl_url() else { throw ParsingError(reason: "out of memory") }
        defer { curl_url_cleanup(parser) }
        let result = curl_url_set(parser, CURLUPART_URL, text, 0)
        guard result == CURLUE_OK else {
            throw ParsingError(reason: String(cString: curl_url_strerror(result)))
        }
        // libcurl overlooks one slash too many and takes the path's first part for the host.
        guard !text.contains(":///"), let host = Self.part(CURLUPART_HOST, of: parser) else {
            throw ParsingError(reason: "the URL has no host")
        }
        self.host = host
        scheme = Self.part(CURLUPART_SCHEME, of: parser) ?? ""
        port = Self.part(CURLUPART_PORT, of: parser).flatMap { Int($0) }
        user = Self.part(CURLUPART_USER, of: parser)
        path = Self.part(CURLUPART_PATH, of: parser) ?? "/"
        query = Self.part(CURLUPART_QUERY, of: parser)
        fragment = Self.part(CURLUPART_FRAGMENT, of: parser)
    }

    /// Whether it is an `http:` or `https:` URL.
    var isHTTP: Bool { scheme == "https" || scheme == "http" }

    /// Whether it is an `https:` URL.
    var isSecure: Bool { scheme == "https" }

    /// The port, the scheme's own when the URL names none.
    var effectivePort: Int { port ?? (isSecure ? 443 : 80) }

    /// The host, and the port unless it is the scheme's own: the `Host` field.
    var authority: String {
        effectivePort == (isSecure ? 443 : 80) ? host : "\(host):\(effectivePort)"
    }

    /// Where connections are made to, without a path.
    var origin: String { "\(scheme)://\(authority)" }

    /// One part, nil when the URL has none.
    ///
    /// The text is libcurl's until curl_free(3).
    private static func part(_ part: CURLUPart, of parser: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parser, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
