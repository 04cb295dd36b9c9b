import Testing

@testable import WebServer

@Suite struct TimerQueueTests {
    private let start = ContinuousClock.now

    @Test func `timers fire soonest first, and equal ones in order`() {
        var queue = TimerQueue()
        var fired: [Int] = []
        for (number, delay) in [5, 1, 3, 1, 4].enumerated() {
            _ = queue.schedule(at: start + .seconds(delay)) { fired.append(number) }
        }
        while let body = queue.popDue(at: start + .seconds(4)) { body() }
        #expect(fired == [1, 3, 2, 4])
        #expect(queue.nextDeadline() == start + .seconds(5))
    }

    @Test func `a cancelled timer does not fire`() {
        var queue = TimerQueue()
        let timer = queue.schedule(at: start) { Issue.record("fired") }
        queue.cancel(timer)
        queue.cancel(timer)
        #expect(queue.popDue(at: start) == nil)
        #expect(queue.count == 0)
    }

    @Test(arguments: 0..<10)
    func `any mix of timers and cancellations keeps the order`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var queue = TimerQueue()
        var live: [TimerID: ContinuousClock.Instant] = [:]
        var fired: [ContinuousClock.Instant] = []
        for _ in 0..<1_000 {
            let deadline = start + .milliseconds(Int.random(in: 0...500, using: &random))
            live[queue.schedule(at: deadline) { fired.append(deadline) }] = deadline
            if let victim = live.keys.randomElement(using: &random), Bool.random(using: &random) {
                queue.cancel(victim)
                live[victim] = nil
            }
        }
        while let body = queue.popDue(at: start + .seconds(1)) { body() }
        #expect(fired == live.values.sorted())
    }
}
