/// Decides whether an attempt is followed by another, and after which pause.
struct RetryPolicy {
    let attemptLimit: Int
    let pacing: HTTPClient.Pacing

    private static let firstBackoff: Duration = .milliseconds(50)
    /// How much is added to a `Retry-After` at most, so that those sent away do not return as one.
    private static let retryAfterSpread: Duration = .milliseconds(500)

    /// The pause before the next attempt, nil when this outcome is final.
    func pause(
        after outcome: TransferOutcome,
        attempt: Int,
        isSafeToRepeat: Bool
    ) -> Duration? {
        guard attempt < attemptLimit else { return nil }
        switch outcome {
        case .failure(HTTPClientError.connectFailed):
            return backoff(attempt)
        case .failure(HTTPClientError.connectionLost) where isSafeToRepeat:
            return backoff(attempt)
        case .success(let response) where isSafeToRepeat:
            guard response.status == 429 || response.status == 503,
                let seconds = RetryAfter.seconds(in: response, now: pacing.unixSeconds())
            else { return nil }
            return .seconds(seconds) + Self.retryAfterSpread * pacing.random()
        default:
            return nil
        }
    }

    private func backoff(_ attempt: Int) -> Duration {
        Self.firstBackoff * (1 << (attempt - 1)) * (0.5 + pacing.random() / 2)
    }
}
