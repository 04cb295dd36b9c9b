internal import JSON

/// What a session wants done, under what a script makes of it: silences, and an early end.
struct Outbox: Sendable {
    /// Whether the session is over: nothing more is said.
    private(set) var isOver = false
    private var actions: [SessionAction] = []
    /// What is not done before a scripted silence is over; nil when there is none.
    private var held: [SessionAction]?
    private var sentEvents = 0

    /// Whether a scripted silence goes on.
    var isHolding: Bool { held != nil }

    /// Sends a server event.
    ///
    /// - Returns: How long the silence is that begins behind it; nil for none.
    mutating func send(_ event: JSONObject, under scenario: SocketScenario) -> Duration? {
        put(.send(event))
        sentEvents += 1
        var silence: Duration?
        if let stall = scenario.stall, sentEvents == stall.afterEvents {
            held = []
            silence = .milliseconds(stall.durationMs)
        }
        if let limit = scenario.hangsUpAfterEvents, sentEvents >= limit {
            end(with: .hangUp)
        } else if let fault = scenario.end, sentEvents >= fault.afterEvents {
            if let error = fault.error { put(.send(error)) }
            end(with: fault.close.map { .close(code: $0.code, reason: $0.reason) } ?? .drop)
        }
        return silence
    }

    /// Has something done, behind a silence if there is one.
    mutating func put(_ action: SessionAction) {
        if held?.append(action) == nil { actions.append(action) }
    }

    /// Has something done that nobody sees, which goes on in a silence.
    mutating func putUnseen(_ action: SessionAction) {
        actions.append(action)
    }

    /// The session is over, and this is the last thing of it.
    mutating func end(with action: SessionAction) {
        put(action)
        isOver = true
    }

    /// A silence is over.
    mutating func endSilence() {
        actions += held.take() ?? []
    }

    /// What is to be done now.
    mutating func take() -> [SessionAction] {
        defer { actions = [] }
        return actions
    }
}
