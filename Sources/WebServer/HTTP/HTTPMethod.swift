/// The request methods that this server knows (RFC 9110, 9.3, and RFC 5789).
public enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"

    /// Whether the method only reads (RFC 9110, 9.2.1).
    public var isSafe: Bool {
        self == .get || self == .head || self == .options
    }
}
