internal import WebServer

/// The timers of a live session; each at most once at a time.
struct LiveTimers {
    /// What a timer is for.
    enum Purpose: Hashable {
        case checkpoint, clock, reconnect, reopen, settingsDeadline, takeOverDeadline, trust
    }

    private struct Running {
        let id: TimerID
        /// When it fires, if it was started for a time.
        let due: Duration?
    }

    private var running: [Purpose: Running] = [:]

    /// Starts a timer, in place of the one for the same purpose.
    mutating func start(
        _ purpose: Purpose,
        on loop: EventLoop,
        after delay: Duration,
        _ body: @escaping () -> Void
    ) {
        cancel(purpose, on: loop)
        let id = loop.schedule(after: max(.zero, delay), body)
        running[purpose] = Running(id: id, due: nil)
    }

    /// Starts a timer for a time on the caller's clock, unless it was started for that already; `body`
    /// cancels it, so that it may be started for the same time again.
    mutating func start(
        _ purpose: Purpose,
        on loop: EventLoop,
        at due: Duration,
        now: Duration,
        _ body: @escaping () -> Void
    ) {
        guard running[purpose]?.due != due else { return }
        cancel(purpose, on: loop)
        let id = loop.schedule(after: max(.zero, due - now), body)
        running[purpose] = Running(id: id, due: due)
    }

    /// Stops a timer.
    mutating func cancel(_ purpose: Purpose, on loop: EventLoop) {
        if let timer = running.removeValue(forKey: purpose) { loop.cancel(timer.id) }
    }

    /// Stops all.
    mutating func cancelAll(on loop: EventLoop) {
        for timer in running.values { loop.cancel(timer.id) }
        running = [:]
    }
}
