/// When a live session is warned, renewed and ended: a value without timers of its own.
///
/// Times are since the session's beginning.
struct SessionClock: Sendable {
    /// What an owner allows.
    struct Limits: Sendable, Equatable {
        /// How long a session may last; nil for as long as anybody talks.
        var maximumDuration: Duration?
        /// How long nobody may say anything; nil for any time.
        var idleTime: Duration?
    }

    /// What is due.
    enum Event: Sendable, Equatable {
        /// The session will end in this time.
        case expiring(in: Duration)
        /// The next upstream session should be opened.
        case renew
        /// The next upstream session must take over, whoever is speaking.
        case takeOver
        /// The session ends, for this reason.
        case end(String)
    }

    private let limits: Limits
    private var due: [(at: Duration, event: Event)] = []
    private var lastActivity: Duration

    /// The warning before the end comes so early, at most.
    private static let notice: Duration = .seconds(60)

    /// Starts at `now`.
    init(_ limits: Limits, at now: Duration = .zero) {
        self.limits = limits
        lastActivity = now
        guard let maximum = limits.maximumDuration else { return }
        let notice = min(Self.notice, maximum / 10)
        due = [
            (now + maximum - notice, .expiring(in: notice)),
            (now + maximum, .end("max_duration")),
        ]
    }

    /// Somebody said or did something.
    mutating func noteActivity(at now: Duration) {
        lastActivity = now
    }

    /// Upstream ends its session in `rest`; the next one is opened in good time before.
    mutating func upstreamExpires(in rest: Duration, at now: Duration) {
        forgetRenewal()
        guard rest > .zero else { return }
        due += [
            (now + rest - min(.seconds(120), rest / 5), .renew),
            (now + rest - min(.seconds(15), rest / 20), .takeOver),
        ]
    }

    /// The next upstream session has taken over, or there will be none.
    mutating func forgetRenewal() {
        due.removeAll { $0.event == .renew || $0.event == .takeOver }
    }

    /// When ``events(at:)`` is to be asked next; nil for never.
    var nextAt: Duration? {
        (due.map(\.at) + [idleEnd].compactMap { $0 }).min()
    }

    private var idleEnd: Duration? {
        limits.idleTime.map { lastActivity + $0 }
    }

    /// What is due by now, each once and in order.
    mutating func events(at now: Duration) -> [Event] {
        let events = due.filter { $0.at <= now }.sorted { $0.at < $1.at }.map(\.event)
        due.removeAll { $0.at <= now }
        guard let idleEnd, idleEnd <= now else { return events }
        return events + [.end("idle_timeout")]
    }
}
