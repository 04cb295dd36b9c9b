/// Which other origins' pages may call this server (Fetch standard, CORS protocol).
public struct CORSPolicy: Sendable {
    /// The origins, as `scheme://host[:port]`; `*` for all, then without credentials.
    public let allowedOrigins: Set<String>

    /// Pages of this server alone.
    public static let sameOrigin = CORSPolicy(allowedOrigins: [])

    /// Allows these origins beside the server's own.
    public init(allowedOrigins: Set<String>) {
        self.allowedOrigins = allowedOrigins
    }

    /// Whether a page of this origin may call with the user's cookies.
    public func allows(_ origin: String) -> Bool {
        allowedOrigins.contains(origin)
    }

    func add(to response: inout HTTPResponse, _ request: HTTPRequest) {
        guard !allowedOrigins.isEmpty else { return }
        response.headers.add("Vary", "Origin")
        guard let origin = request.headers["Origin"] else { return }
        if allows(origin) {
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
        } else if allows("*") {
            response.headers["Access-Control-Allow-Origin"] = "*"
        } else {
            return
        }
        response.headers["Access-Control-Expose-Headers"] =
            "X-Request-Id, Location, Retry-After, Idempotency-Replayed, Content-Disposition, "
            + "WWW-Authenticate"
    }

    func addPreflight(to response: inout HTTPResponse, allowed: String, _ request: HTTPRequest) {
        guard let origin = request.headers["Origin"], allows(origin) || allows("*") else { return }
        response.headers["Access-Control-Allow-Methods"] = allowed
        response.headers["Access-Control-Allow-Headers"] = Self.allowedHeaders(request)
        response.headers["Access-Control-Max-Age"] = "600"
    }

    /// What the page asks for: SDKs bring header fields of their own, and whoever may call at all may
    /// send any.
    private static func allowedHeaders(_ request: HTTPRequest) -> String {
        let usual = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Broker-User"
        guard let asked = request.headers["Access-Control-Request-Headers"],
            asked.utf8.count <= 1_024, asked.utf8.allSatisfy(\.isInListOfNames)
        else { return usual }
        return asked
    }
}

extension UInt8 {
    /// Whether this may stand in a list of header fields' names.
    fileprivate var isInListOfNames: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ","), UInt8(ascii: " "):
            true
        default: false
        }
    }
}
