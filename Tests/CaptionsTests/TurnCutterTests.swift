import Captions
import Testing

struct TurnCutterTests {
    /// The steps that are not `wait` of pieces of 100 ms, with the time at which each comes.
    private func steps(
        _ pieces: [(count: Int, isLoud: Bool)],
        finishes: Bool = false
    ) -> [(atMs: Int64, step: TurnCutter.Step)] {
        var cutter = TurnCutter()
        var steps: [(Int64, TurnCutter.Step)] = []
        var endMs: Int64 = 0
        for (count, isLoud) in pieces {
            for _ in 0..<count {
                let step = cutter.append(endMs..<endMs + 100, isLoud: isLoud)
                endMs += 100
                if step != .wait { steps.append((endMs, step)) }
            }
        }
        if finishes { steps.append((endMs, cutter.finish())) }
        return steps
    }

    @Test func `a pause ends a turn, once`() {
        let found = steps([(3, false), (5, true), (2, false), (1, true), (10, false)])
        #expect(found.map(\.atMs) == [1_500])
        #expect(found.map(\.step) == [.commit(300..<1_100)])
    }

    @Test func `one who never pauses is cut`() {
        let found = steps([(310, true)], finishes: true)
        #expect(found.map(\.step) == [.commit(0..<30_000), .commit(30_000..<31_000)])
    }

    @Test func `silence is not kept in front of a turn`() {
        let found = steps([(45, false), (5, true), (4, false)])
        #expect(found.map(\.atMs) == [2_000, 4_000, 5_400])
        #expect(found.map(\.step) == [.discard, .discard, .commit(4_500..<5_000)])
    }

    @Test func `at the end what was said is a turn, and silence is none`() {
        #expect(steps([(5, true)], finishes: true).map(\.step) == [.commit(0..<500)])
        #expect(steps([(5, false)], finishes: true).map(\.step) == [.wait])
    }
}
