/// What a client was sent last, so that one that comes back gets what it missed.
///
/// Bounded in bytes: the oldest events go first, and then a client that asks for more is told that
/// there was more.
struct EventBacklog: Sendable {
    /// What a returning client gets.
    struct Replay: Sendable, Equatable {
        /// The events, oldest first.
        var events: [[UInt8]]
        /// Whether these are all that it missed.
        var isComplete: Bool
    }

    /// The most bytes that are kept.
    let limitBytes: Int
    private var events: [[UInt8]] = []
    private var first = 0
    private var bytes = 0
    private var hasForgotten = false
    /// Events that told a client where it is, and behind which event it went on.
    private var welcomes: [(eventID: String, after: String?)] = []

    private static let maximumWelcomes = 16

    /// An empty backlog.
    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// Takes in an event that was sent, or could not be.
    mutating func append(_ event: [UInt8]) {
        events.append(event)
        bytes += event.count
        while bytes > limitBytes, first < events.count {
            bytes -= events[first].count
            events[first] = []
            first += 1
            hasForgotten = true
        }
        guard first > 64, first > events.count / 2 else { return }
        events.removeFirst(first)
        first = 0
    }

    /// Notes that a client came back, was told so by an event, and went on behind another.
    mutating func welcomed(by eventID: String, after last: String?) {
        // Found out now, so that a place is never looked for along a chain of them.
        let place = welcomes.last { $0.eventID == last }.map(\.after) ?? last
        welcomes.append((eventID, place))
        if welcomes.count > Self.maximumWelcomes { welcomes.removeFirst() }
    }

    /// Forgets all: whoever comes back is told that something is missing.
    mutating func forget() {
        guard !events.isEmpty else { return }
        events = []
        first = 0
        bytes = 0
        hasForgotten = true
    }

    /// What came behind an event; nil is the beginning.
    func replay(after eventID: String?) -> Replay {
        let place = welcomes.last { $0.eventID == eventID }.map(\.after) ?? eventID
        let kept = events[first...]
        guard let place else {
            return Replay(events: Array(kept), isComplete: !hasForgotten)
        }
        guard let index = kept.lastIndex(where: { EventPeek.id(of: $0) == place }) else {
            return Replay(events: Array(kept), isComplete: false)
        }
        return Replay(events: Array(kept[(index + 1)...]), isComplete: true)
    }
}
