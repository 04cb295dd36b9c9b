internal import ContextStore
internal import JSON
internal import Locking

/// What upstream said last of how much may be used: of each live session, and of all.
final class RateLimitBoard: Sendable {
    private struct State {
        var bySession: [SessionID: [JSONValue]] = [:]
        /// The latest of any session, by name: all share one key.
        var latest: [String: JSONValue] = [:]
    }

    private let state = Mutex(State())

    /// Notes what upstream said in a session.
    func note(_ limits: [JSONValue], of session: SessionID) {
        state.withLock { state in
            state.bySession[session] = limits
            for limit in limits {
                if let name = limit["name"]?.stringValue { state.latest[name] = limit }
            }
        }
    }

    /// What upstream said last in a session that is going on.
    func limits(of session: SessionID) -> [JSONValue]? {
        state.withLock { $0.bySession[session] }
    }

    /// What upstream said last in any session, by name.
    var latest: [String: JSONValue] { state.withLock { $0.latest } }

    /// Forgets a session that has ended.
    func forget(_ session: SessionID) {
        state.withLock { $0.bySession[session] = nil }
    }
}
