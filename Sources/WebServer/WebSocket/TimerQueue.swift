/// Names a timer of an ``EventLoop``, to cancel it.
public struct TimerID: Hashable, Sendable {
    fileprivate let number: UInt64
}

/// What is to be done when, soonest first; a value without a clock of its own.
struct TimerQueue {
    typealias Instant = ContinuousClock.Instant

    private struct Entry {
        let deadline: Instant
        let number: UInt64

        /// Equal deadlines fire in the order they were made.
        func isBefore(_ other: Entry) -> Bool {
            (deadline, number) < (other.deadline, other.number)
        }
    }

    /// A binary heap; entries of cancelled timers stay until they surface, or until most are such.
    private var heap: [Entry] = []
    private var bodies: [UInt64: () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    var count: Int { bodies.count }

    mutating func schedule(at deadline: Instant, _ body: @escaping () -> Void) -> TimerID {
        lastNumber += 1
        bodies[lastNumber] = body
        heap.append(Entry(deadline: deadline, number: lastNumber))
        siftUp(from: heap.count - 1)
        return TimerID(number: lastNumber)
    }

    mutating func cancel(_ timer: TimerID) {
        guard bodies.removeValue(forKey: timer.number) != nil else { return }
        guard heap.count > 64, heap.count > bodies.count * 2 else { return }
        // Sorted is a valid heap too.
        heap = heap.filter { bodies[$0.number] != nil }.sorted { $0.isBefore($1) }
    }

    mutating func nextDeadline() -> Instant? {
        while let first = heap.first {
            if bodies[first.number] != nil { return first.deadline }
            removeFirst()
        }
        return nil
    }

    /// Takes out the soonest timer that is due.
    mutating func popDue(at now: Instant) -> (() -> Void)? {
        guard let deadline = nextDeadline(), deadline <= now, let first = heap.first else {
            return nil
        }
        removeFirst()
        return bodies.removeValue(forKey: first.number)
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }

    private mutating func siftUp(from index: Int) {
        var child = index
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }
}
