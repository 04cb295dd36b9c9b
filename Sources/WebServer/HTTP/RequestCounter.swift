internal import Locking

/// Counts requests by how they were answered, since the process began.
public final class RequestCounter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Nothing is counted yet.
    public init() {}

    /// The counts by class of status, `1xx` to `5xx`; `aborted` for those that got no answer.
    public var byStatus: [String: Int] { counts.withLock(\.self) }

    func note(status: Int?) {
        let name = status.map { "\($0 / 100)xx" } ?? "aborted"
        counts.withLock { $0[name, default: 0] += 1 }
    }
}
