import Captions
import Testing

struct SpeakerClockTests {
    /// Audio of a time that comes at once.
    private func append(_ ms: Int64, loud: Bool, at nowMs: Int64, to clock: inout SpeakerClock) {
        for _ in 0..<ms / 100 { _ = clock.append(100, isLoud: loud, atMs: nowMs) }
    }

    @Test func `what was kept during an interruption does not move all that follows`() {
        var clock = SpeakerClock(atMs: 0)
        append(1_000, loud: true, at: 1_000, to: &clock)
        clock.skip(toMs: 6_000)
        append(5_000, loud: true, at: 6_000, to: &clock)
        #expect(clock.positionMs == 11_000)
        // Silence, as it comes: it waits for the clock.
        for nowMs in stride(from: 6_100, through: 10_900, by: 100) as StrideThrough<Int64> {
            _ = clock.append(100, isLoud: false, atMs: nowMs)
        }
        #expect(clock.positionMs == 11_100 && clock.lastLoudMs == 11_000)
        for nowMs in stride(from: 11_000, through: 13_000, by: 100) as StrideThrough<Int64> {
            _ = clock.append(100, isLoud: false, atMs: nowMs)
        }
        #expect(clock.append(100, isLoud: true, atMs: 13_100) == 13_100)
    }

    @Test func `nothing is told to have been before what was said last`() {
        var clock = SpeakerClock(atMs: 0)
        clock.skip(toMs: 5_000)
        append(3_000, loud: true, at: 5_000, to: &clock)
        #expect(clock.append(100, isLoud: false, atMs: 5_000) == 8_000)
        #expect(clock.append(100, isLoud: true, atMs: 5_000) == 8_100)
    }

    @Test func `audio that comes faster than it is spoken keeps its own time`() {
        var clock = SpeakerClock(atMs: 0)
        append(2_000, loud: true, at: 100, to: &clock)
        append(3_000, loud: false, at: 100, to: &clock)
        #expect(clock.append(100, isLoud: true, atMs: 100) == 5_000)
    }

    @Test func `a pause is noticed by the clock`() {
        var clock = SpeakerClock(atMs: 1_000)
        #expect(!clock.hasPaused(atMs: 3_000) && clock.hasPaused(atMs: 3_001))
        clock.skip(toMs: 500)
        #expect(clock.positionMs == 1_000)
    }
}
