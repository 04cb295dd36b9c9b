import Captions
import Testing

struct CaptionTrackTests {
    @Test func `captions get consecutive sequences, and numbers in the order of telling`() {
        var track = CaptionTrack(language: "en")
        let (first, second) = (
            track.begin(atMs: 0, speaker: 1), track.begin(atMs: 900, speaker: 1)
        )
        track.append("Second", to: second, endMs: 1_500)
        let told = [
            track.end(second), track.end(first, text: " First. ", endMs: 800),
        ].compactMap { $0 }
        #expect(told.map(\.sequence) == [2, 1])
        #expect(told.map(\.number) == [1, 2])
        #expect(told.map(\.text) == ["Second", "First."])
        #expect(told.map(\.endMs) == [1_500, 800])
        #expect(track.coveredMs == 1_500)
        #expect(track.end(first) == nil, "it was ended before")
    }

    @Test func `what is lost is cut as far as it was told, and a gap where nothing was`() {
        var track = CaptionTrack(language: "en")
        let spoken = track.begin(atMs: 100, speaker: 1)
        track.append("half a", to: spoken, endMs: 400)
        _ = track.begin(atMs: 500, speaker: 1)
        let told = track.cutAll(reason: .upstreamLost)
        #expect(told.map(\.kind) == [.text, .gap])
        #expect(told.map(\.text) == ["half a", ""])
        #expect(told.allSatisfy { $0.reason == .upstreamLost })
        #expect(track.open.isEmpty)
    }

    @Test func `a gap that goes on is told anew in its place`() {
        var track = CaptionTrack(language: "es", lastSequence: 7, lastNumber: 9, coveredMs: 5_000)
        let gap = track.gap(.rateLimited, from: 5_000, to: 6_000, speaker: 2)
        let longer = track.revise(gap) { $0.endMs = 9_000 }
        #expect((gap.sequence, gap.number, gap.revision) == (8, 10, 1))
        #expect((longer.sequence, longer.number, longer.revision) == (8, 11, 2))
        #expect((longer.endMs, track.coveredMs) == (9_000, 9_000))
    }

    @Test func `what was no speech keeps its place only where others follow`() {
        var track = CaptionTrack(language: "en")
        let first = track.begin(atMs: 0, speaker: 1)
        let second = track.begin(atMs: 100, speaker: 1)
        #expect(track.end(first, text: "")?.kind == .text)
        #expect(track.end(second, text: "") == nil)
        #expect(track.begin(atMs: 200, speaker: 1) == second)
    }
}

struct CaptionLogTests {
    private func log(_ told: [(sequence: Int64, number: Int64)], limit: Int = 100) -> CaptionLog<
        Int64
    > {
        var log = CaptionLog<Int64>(limit: limit)
        for (sequence, number) in told {
            log.append(sequence: sequence, number: number, number)
        }
        return log
    }

    @Test func `who comes back gets what was told since, each caption once`() {
        let log = log([(1, 1), (2, 2), (3, 3), (2, 4)])
        #expect(log.replay(after: 0).events == [1, 3, 4])
        #expect(log.replay(after: 2).events == [3, 4])
        #expect(log.replay(after: 4).events.isEmpty)
        #expect(log.replay(after: 0).isComplete)
    }

    @Test func `who was away too long is told that something is missing`() {
        let log = log((1...200).map { ($0, $0) }, limit: 10)
        let oldest = log.replay(after: 0)
        #expect(!oldest.isComplete)
        #expect(oldest.events.count <= 13)
        #expect(log.replay(after: 195).isComplete)
        #expect(log.replay(after: 195).events == [196, 197, 198, 199, 200])
    }

    @Test func `who is new gets the latest in order of speech`() {
        let log = log([(1, 1), (3, 2), (2, 3)])
        #expect(log.latest(2) == [3, 2])
    }
}

struct AudioClockTests {
    @Test func `a session's time leaves out when nobody spoke`() {
        var clock = AudioClock()
        clock.append(byteCount: 48 * 1_000, atMs: 500)
        clock.append(byteCount: 48 * 1_000, atMs: 1_500)
        clock.append(byteCount: 48 * 1_000, atMs: 9_000)
        #expect(clock.audioMs == 3_000)
        #expect(clock.time(ofAudioMs: 0) == 500)
        #expect(clock.time(ofAudioMs: 1_900) == 2_400)
        #expect(clock.time(ofAudioMs: 2_100) == 9_100)
    }
}

struct ListenerRuleTests {
    @Test(arguments: [
        (0, false, ListenerRule.Verdict.send), (65_536, false, .skip), (65_536, true, .send),
        (262_144, true, .drop), (262_144, false, .skip),
    ])
    func `a slow listener misses what does not last first`(
        _ waiting: Int,
        _ lasts: Bool,
        _ expected: ListenerRule.Verdict
    ) {
        #expect(ListenerRule.verdict(waitingBytes: waiting, lasts: lasts) == expected)
    }
}
