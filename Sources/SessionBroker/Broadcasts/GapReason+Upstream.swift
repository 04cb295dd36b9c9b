internal import Captions
internal import WebServer

extension GapReason {
    /// Why a connection cannot be had.
    init(_ error: any Error) {
        switch error as? UpstreamSocketError {
        case .rejected(let rejection) where rejection.status == 429: self = .rateLimited
        case .rejected(let rejection) where (400...499).contains(rejection.status):
            self = .upstreamRefused
        default: self = .upstreamLost
        }
    }

    /// Why a session has ended, of which upstream told an error just before, if any.
    init(_ closure: WebSocketClosure, of session: BroadcastUpstream, error code: String?) {
        switch code {
        case "rate_limit_exceeded", "slow_down", "insufficient_quota": self = .rateLimited
        // It never took its settings.
        case _? where !session.isReady: self = .upstreamRefused
        default:
            let isRefused = (3_000...4_999).contains(closure.code.rawValue)
            self = isRefused ? .upstreamRefused : .upstreamLost
        }
    }
}
