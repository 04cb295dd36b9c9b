internal import WebServer

/// The timers of a live session; each at most once at a time.
struct LiveTimers {
    /// What a timer is for.
    enum Purpose: Hashable {
        case checkpoint, clock, reconnect, reopen
    }

    private var running: [Purpose: TimerID] = [:]

    /// Starts a timer, in place of the one for the same purpose.
    mutating func start(
        _ purpose: Purpose,
        on loop: EventLoop,
        after delay: Duration,
        _ body: @escaping () -> Void
    ) {
        cancel(purpose, on: loop)
        running[purpose] = loop.schedule(after: max(.zero, delay), body)
    }

    /// Stops a timer.
    mutating func cancel(_ purpose: Purpose, on loop: EventLoop) {
        running.removeValue(forKey: purpose).map(loop.cancel)
    }

    /// Stops all.
    mutating func cancelAll(on loop: EventLoop) {
        for timer in running.values { loop.cancel(timer) }
        running = [:]
    }
}
