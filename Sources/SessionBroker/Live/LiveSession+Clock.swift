internal import ContextStore
internal import JSON
internal import Logging
internal import WebServer

extension LiveSession {
    /// Upstream says when its session ends.
    func noteExpiry(_ event: JSONValue) {
        guard isRenewable, let expiry = event["session"]?["expires_at"]?.integerValue, expiry > 0
        else { return }
        let rest = Duration.seconds(expiry) - .milliseconds(services.wallClockMilliseconds())
        clock.upstreamExpires(in: rest, at: now)
        startClock()
    }

    /// Waits for what is due next.
    func startClock() {
        guard endReason == nil, let next = clock.nextAt else {
            return timers.cancel(.clock, on: loop)
        }
        timers.start(.clock, on: loop, after: next - now) { [weak self] in self?.tick() }
    }

    private func tick() {
        for event in clock.events(at: now) where endReason == nil {
            switch event {
            case .expiring(let rest):
                tell { BrokerEvent.expiring(session: plan.session.id, in: rest, id: $0) }
            case .renew: renew()
            case .takeOver:
                opening?.isUrgent = true
                takeOverIfPossible()
            case .end(let reason): end(reason)
            }
        }
        startClock()
    }

    /// Upstream says how much may be used.
    func noteRateLimits(_ event: JSONValue) {
        guard let limits = event["rate_limits"]?.arrayValue else { return }
        services.rateLimits.note(limits, of: plan.session.id)
        tell { BrokerEvent.rateLimits(limits, session: plan.session.id, id: $0) }
    }
}
