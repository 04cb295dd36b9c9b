internal import ContextStore

/// Decides whether a language model is asked again, and after which pause.
///
/// Pauses grow fourfold: about 2, 8 and 32 seconds, half of each left to chance, so that requests
/// that failed together do not come back together.
struct ModelRetry: Sendable {
    /// What follows a failure.
    enum Step: Sendable, Equatable {
        case retry(after: Duration)
        case stop(SegmentSummaryError)
    }

    /// How often a segment is tried.
    var attemptLimit = 4

    private static let firstPause: Duration = .seconds(2)
    /// Whoever is told to stay away longer than this gives way to other work.
    private static let maximumPause: Duration = .seconds(120)
    /// When an outage may be over.
    private static let outagePause: Duration = .seconds(300)
    /// When an operator may have mended settings or account.
    private static let setupPause: Duration = .seconds(3_600)

    /// What follows the failure of an attempt.
    ///
    /// - Parameters:
    ///   - failure: Why it failed.
    ///   - attempt: Counts from 1.
    ///   - random: A number in 0..<1.
    /// - Returns: The step; never a pause shorter than what upstream asked for.
    func step(after failure: ModelFailure, attempt: Int, random: Double) -> Step {
        switch failure {
        case .lasting(let reason): return .stop(.gaveUp(reason: reason))
        case .setup: return .stop(.later(after: Self.setupPause))
        case .useless(let reason):
            guard attempt < attemptLimit else { return .stop(.gaveUp(reason: reason)) }
            return .retry(after: Self.pause(attempt, random))
        case .passing(let reason, let retryAfter):
            if let retryAfter, retryAfter > Self.maximumPause {
                return .stop(.later(after: retryAfter))
            }
            guard attempt < attemptLimit else {
                return .stop(.failed(reason: reason, after: Self.outagePause))
            }
            let asked = (retryAfter ?? .zero) + .seconds(1) * random
            return .retry(after: max(Self.pause(attempt, random), asked))
        }
    }

    private static func pause(_ attempt: Int, _ random: Double) -> Duration {
        let full = firstPause * (1 << (2 * (attempt - 1)))
        return min(full, maximumPause) * (0.5 + random / 2)
    }
}
