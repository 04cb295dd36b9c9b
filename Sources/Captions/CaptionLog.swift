/// The latest captions of one language, for listeners who join or come back.
///
/// It holds each caption as it was told last, in the order of telling; beyond ``limit`` the oldest
/// are forgotten, and who needs them is told so.
public struct CaptionLog<Event: Sendable>: Sendable {
    /// What a listener gets.
    public struct Replay: Sendable {
        /// The captions behind what it has.
        public let events: [Event]
        /// Whether these are all.
        public let isComplete: Bool
    }

    private struct Entry: Sendable {
        let sequence: Int64
        let number: Int64
        let event: Event
    }

    /// So many captions are held.
    public let limit: Int
    private var entries: [Entry] = []
    /// Everything behind this number is held.
    private var heldAfter: Int64

    /// A log of what comes behind a number.
    public init(limit: Int = 1_000, after number: Int64 = 0) {
        self.limit = limit
        heldAfter = number
    }

    /// How many captions are held.
    public var count: Int { entries.count }

    /// Takes a caption in, in place of an earlier revision.
    public mutating func append(sequence: Int64, number: Int64, _ event: Event) {
        // Revisions are of what was told lately, so they are looked for from the end.
        if let index = entries.lastIndex(where: { $0.sequence == sequence }) {
            entries.remove(at: index)
        }
        entries.append(Entry(sequence: sequence, number: number, event: event))
        // A quarter at once, so that entries are moved rarely.
        guard entries.count > limit + limit / 4 else { return }
        let surplus = entries.count - limit
        heldAfter = entries[surplus - 1].number
        entries.removeFirst(surplus)
    }

    /// What came behind an event.
    public func replay(after number: Int64) -> Replay {
        let start = entries.partitioningIndex { $0.number > number }
        return Replay(events: entries[start...].map(\.event), isComplete: number >= heldAfter)
    }

    /// The latest captions, for somebody who is new.
    public func latest(_ count: Int) -> [Event] {
        entries.suffix(count).sorted { $0.sequence < $1.sequence }.map(\.event)
    }
}

extension Array {
    /// The first index whose element fulfils a condition that all behind it fulfil, too.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
