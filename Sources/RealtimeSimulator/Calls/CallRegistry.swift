internal import Locking
internal import WebServer

/// The calls in progress; from any thread.
final class CallRegistry: Sendable {
    /// More calls at once are refused.
    static let limit = 1_000

    private let calls = Mutex<[String: Call]>([:])

    /// Takes a call in.
    ///
    /// - Throws: `HTTPError` when there are too many.
    func add(_ call: Call) throws(HTTPError) {
        let isTaken = calls.withLock { calls in
            guard calls.count < Self.limit else { return false }
            calls[call.id] = call
            return true
        }
        guard !isTaken else { return }
        throw HTTPError(
            status: 429,
            code: "slow_down",
            message: "The simulator has \(Self.limit) calls in progress."
        )
    }

    func find(_ id: String) -> Call? {
        calls.withLock { $0[id] }
    }

    /// Forgets a call; nil when it is over already, or never was.
    @discardableResult
    func remove(_ id: String) -> Call? {
        calls.withLock { $0.removeValue(forKey: id) }
    }
}
