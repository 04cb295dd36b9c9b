/// What a session will do by itself, and when; soonest first, equal times in order of entry.
struct Agenda: Sendable {
    enum Entry: Sendable, Equatable {
        case responseStep(responseID: String)
        case transcription(itemID: String, Transcription.Step)
        case playbackStart(responseID: String)
        case playbackEnd(responseID: String)
        case toolList(itemID: String, serverLabel: String)
        case idleTimeout
        case sessionLimit
        case stallEnd
    }

    private var entries: [(due: Duration, entry: Entry)] = []

    var nextDue: Duration? { entries.first?.due }

    mutating func add(_ entry: Entry, at due: Duration) {
        let index = entries.firstIndex { $0.due > due } ?? entries.count
        entries.insert((due, entry), at: index)
    }

    mutating func remove(where isUnwanted: (Entry) -> Bool) {
        entries.removeAll { isUnwanted($0.entry) }
    }

    mutating func popDue(at now: Duration) -> (due: Duration, entry: Entry)? {
        guard let first = entries.first, first.due <= now else { return nil }
        return entries.removeFirst()
    }
}
