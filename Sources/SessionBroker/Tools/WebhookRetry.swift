/// Decides whether a webhook is called again, and after which pause.
///
/// Pauses double from 0.2 seconds on, half of each left to chance; a `Retry-After` may make one
/// longer. The tool's own time ends it all, which is the caller's to see.
struct WebhookRetry: Sendable {
    /// How often a call is sent at most.
    var attemptLimit = 8

    private static let firstPause: Duration = .milliseconds(200)
    private static let maximumPause: Duration = .seconds(4)

    /// The pause before the next attempt; nil when this outcome is final.
    func pause(
        after outcome: Result<IncomingResponse, HTTPClientError>,
        attempt: Int,
        pacing: HTTPClient.Pacing
    ) -> Duration? {
        guard attempt < attemptLimit, Self.mayPass(outcome) else { return nil }
        let full = min(Self.firstPause * (1 << (attempt - 1)), Self.maximumPause)
        let backoff = full * (0.5 + pacing.random() / 2)
        guard case .success(let response) = outcome,
            let seconds = RetryAfter.seconds(in: response, now: pacing.unixSeconds())
        else { return backoff }
        return max(backoff, .seconds(seconds))
    }

    /// Whether the same call may fare better a moment later.
    private static func mayPass(_ outcome: Result<IncomingResponse, HTTPClientError>) -> Bool {
        switch outcome {
        case .success(let response):
            response.status == 408 || response.status == 429 || response.status >= 500
        case .failure(.connectFailed), .failure(.connectionLost): true
        case .failure: false
        }
    }
}
