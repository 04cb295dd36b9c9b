internal import WebServer

/// Protects users that a browser alone vouches for from pages of other sites.
///
/// A browser sends a cookie, or reaches a server on loopback, whoever's page asks it to. What
/// changes something, and every WebSocket, must come from our own pages or from allowed origins. On
/// loopback the name that the browser used must be a loopback name as well: another name that
/// resolves to 127.0.0.1 is how a foreign page passes for our own (DNS rebinding).
struct CrossSiteGuard: Sendable {
    private let cors: CORSPolicy
    private let isOnLoopback: Bool
    private let allowedHosts: Set<String>

    /// A guard of a server that is bound to loopback or not.
    init(cors: CORSPolicy, isOnLoopback: Bool) {
        self.cors = cors
        self.isOnLoopback = isOnLoopback
        allowedHosts = Set(
            cors.allowedOrigins.compactMap { Origin($0).map { Origin.host(of: $0.authority) } }
        )
    }

    /// Lets a request pass.
    ///
    /// - Throws: `HTTPError` 403 when it may come from another site's page.
    func check(_ request: HTTPRequest) throws(HTTPError) {
        if isOnLoopback, let authority = request.headers["Host"] {
            let host = Origin.host(of: authority.lowercased())
            guard LoopbackName.matches(host) || allowedHosts.contains(host) else {
                throw Self.refusal("host_not_allowed", "This server does not answer to this name.")
            }
        }
        let isUpgrade = request.headers["Upgrade"] != nil
        guard !request.method.isSafe || isUpgrade else { return }
        guard isFromAllowedPage(request) else {
            throw Self.refusal("cross_site_request", "Pages of other sites may not do this.")
        }
    }

    private func isFromAllowedPage(_ request: HTTPRequest) -> Bool {
        let origin = request.headers["Origin"]
        if let origin, cors.allows(origin) { return true }
        // https://www.w3.org/TR/fetch-metadata/
        if request.headers["Sec-Fetch-Site"] == "cross-site" { return false }
        // No browser leaves Origin out of such a request: this is another kind of client.
        guard let origin else { return true }
        guard let page = Origin(origin), let host = request.headers["Host"] else { return false }
        return page.isReached(as: host)
    }

    private static func refusal(_ code: String, _ message: String) -> HTTPError {
        HTTPError(status: 403, code: code, message: message)
    }
}

/// A web origin (RFC 6454): a scheme and an authority, the port left out if it is the scheme's own.
private struct Origin {
    let scheme: String
    let authority: String

    init?(_ text: String) {
        let lowered = text.lowercased()
        for (scheme, port) in [("http", ":80"), ("https", ":443")] {
            guard lowered.hasPrefix("\(scheme)://") else { continue }
            self.scheme = scheme
            authority = Self.without(port, String(lowered.dropFirst(scheme.utf8.count + 3)))
            return
        }
        return nil
    }

    /// Whether a `Host` field names this origin's authority.
    ///
    /// The scheme is left out of it: behind a proxy that ends TLS, ours is not the browser's.
    func isReached(as host: String) -> Bool {
        !authority.isEmpty
            && authority == Self.without(scheme == "https" ? ":443" : ":80", host.lowercased())
    }

    /// An authority's host: everything before the port.
    static func host(of authority: String) -> String {
        guard let colon = authority.lastIndex(of: ":") else { return authority }
        let isInAddress = authority[colon...].contains("]")
        return isInAddress ? authority : String(authority[..<colon])
    }

    private static func without(_ port: String, _ authority: String) -> String {
        authority.hasSuffix(port) ? String(authority.dropLast(port.utf8.count)) : authority
    }
}
