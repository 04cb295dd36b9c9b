/// What the broker's own pages may load (W3C Content Security Policy 3): themselves, and upstream.
enum ContentSecurityPolicy {
    static func header(upstream baseURL: String) -> String {
        let origin = origin(of: baseURL)
        let socket = "ws" + origin.dropFirst("http".count)
        return [
            "default-src 'self'", "connect-src 'self' \(origin) \(socket)", "img-src 'self' data:",
            "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    /// Scheme, host and port of a URL.
    private static func origin(of url: String) -> String {
        url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
            .joined(separator: "/")
    }
}
