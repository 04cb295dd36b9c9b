import Locking

@testable import SessionBroker

/// A clock that stands still, save that each pause is over at once and moves it on.
final class SteppedTime: Sendable {
    private struct State {
        var now: Duration
        var pauses: [Duration] = []
    }

    private let state: Mutex<State>

    /// Starts at a time since 1970.
    init(_ start: Duration = .seconds(1_795_262_400)) {
        state = Mutex(State(now: start))
    }

    /// The pauses so far.
    var pauses: [Duration] { state.withLock { $0.pauses } }

    /// Pacing by this clock, with a fixed "random" number.
    func pacing(random: Double = 0) -> HTTPClient.Pacing {
        HTTPClient.Pacing(
            sleep: { [self] pause in
                try Task.checkCancellation()
                state.withLock { state in
                    state.now += pause
                    state.pauses.append(pause)
                }
            },
            unixSeconds: { [self] in state.withLock { $0.now.components.seconds } },
            random: { random }
        )
    }
}
