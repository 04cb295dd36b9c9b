import Locking

@testable import SessionBroker

/// Records the pauses of retries instead of waiting for them.
final class RecordedPauses: Sendable {
    private let pauses = Mutex<[Duration]>([])

    /// The pauses so far.
    var all: [Duration] { pauses.withLock { $0 } }

    /// Pacing that never waits, at a fixed time, with a fixed "random" number.
    func pacing(unixSeconds: Int64 = 1_000_000_000, random: Double = 0) -> HTTPClient.Pacing {
        HTTPClient.Pacing(
            sleep: { [self] pause in pauses.withLock { $0.append(pause) } },
            unixSeconds: { unixSeconds },
            random: { random }
        )
    }
}

extension HTTPClient {
    /// A client that lives as long as `body`.
    @discardableResult
    static func with<Result>(
        _ settings: Settings = Settings(),
        pacing: Pacing = RecordedPauses().pacing(),
        _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        let client = try HTTPClient(settings: settings, pacing: pacing)
        defer { client.shutdown() }
        return try await body(client)
    }
}
