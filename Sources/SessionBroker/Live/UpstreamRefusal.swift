/// What a client of a relay is told when there is no socket to upstream.
enum UpstreamRefusal {
    /// A code that programs can tell apart.
    static func code(of error: any Error) -> String {
        switch error as? UpstreamSocketError {
        case .rejected(let rejection): "upstream_status_\(rejection.status)"
        case .timedOut: "upstream_timeout"
        case .overloaded, .shutDown: "overloaded"
        default: "upstream_unreachable"
        }
    }

    /// One sentence, with nothing of the inside.
    static func message(of error: any Error) -> String {
        switch error as? UpstreamSocketError {
        case .rejected(let rejection):
            "Upstream refused the connection with status \(rejection.status)."
        case .timedOut: "Upstream did not answer in time."
        case .overloaded, .shutDown: "Too many connections are being made; try again."
        default: "Upstream cannot be reached."
        }
    }
}
