import Captions
import JSON
import Testing
import WebServer

@testable import SessionBroker

/// What a broadcast makes of sessions that change over, are lost, or are slow.
@Suite(.timeLimit(.minutes(1)))
struct UpstreamLinkTests {
    @Test func `one that is lost while the one before still speaks is told behind it`() async throws
    {
        try await FeedBench.with { bench in
            let first = try await bench.open("en", expiresAt: FeedBench.soonOver)
            try await bench.hear(frames: 10)
            await first.starts("a", atMs: 0)
            await first.commits("a")
            let second = try await bench.renew("en")
            try await bench.hear(frames: 10)
            await second.starts("b", atMs: 0)
            await second.hears("half a sen", in: "b")
            await second.drop()
            try await bench.until("en") { $0.state == .interrupted(.upstreamLost) }
            await first.completes("a", "The first.")
            #expect(
                await bench.told(3) == [
                    "The first.", "half a sen|upstream_lost", "[upstream_lost]",
                ]
            )
            _ = try await bench.upstream.next()
            try await bench.until("en") { $0.state == .live && $0.track.open.isEmpty }
        }
    }

    @Test func `closed during a change it tells what both sessions owe`() async throws {
        try await FeedBench.with { bench in
            let first = try await bench.open("en", expiresAt: FeedBench.soonOver)
            try await bench.hear(frames: 10)
            await first.starts("a", atMs: 0)
            await first.commits("a")
            let second = try await bench.renew("en")
            try await bench.hear(frames: 10)
            await second.starts("b", atMs: 0)
            await second.stops("b", atMs: 1_000)
            await second.commits("b")
            // It has come when what is behind it has.
            await second.send("error", ["error": ["code": "mark"]])
            try await bench.until("en") { $0.link?.current?.lastError?.code == "mark" }
            try await bench.with("en") { $0.close() }
            await second.completes("b", "The second.")
            #expect(await second.log.ending()?.code == .normal)
            await first.completes("a", "The first.")
            #expect(await bench.told(2) == ["The first.", "The second."])
            try await bench.until("en") { $0.link?.isIdle == true }
            #expect(try await bench.with("en") { $0.track.open.isEmpty })
        }
    }

    @Test func `a session that has heard the end of a turn is not closed before its text`()
        async throws
    {
        try await FeedBench.with { bench in
            let first = try await bench.open("en", expiresAt: FeedBench.soonOver)
            try await bench.hear(frames: 10)
            await first.starts("a", atMs: 0)
            await first.stops("a", atMs: 1_000)
            await first.send("error", ["error": ["code": "mark"]])
            try await bench.until("en") { $0.link?.current?.lastError?.code == "mark" }
            _ = try await bench.renew("en")
            await first.commits("a")
            await first.completes("a", "The first.")
            #expect(await bench.told(1) == ["The first."])
        }
    }

    @Test func `a turn that is over does not begin again`() async throws {
        try await FeedBench.with { bench in
            let session = try await bench.open("en")
            try await bench.hear(frames: 10)
            await session.starts("a", atMs: 0)
            await session.commits("a")
            await session.completes("a", "The first.")
            await session.hears("first", in: "a")
            await session.commits("a")
            await session.starts("b", atMs: 1_000)
            await session.completes("b", "The second.")
            #expect(await bench.told(2) == ["The first.", "The second."])
            #expect(try await bench.with("en") { $0.track.open.isEmpty })
            await session.completes("a", "The very first.")
            let revised = try await bench.next()
            #expect((revised.sequence, revised.revision, revised.text) == (1, 2, "The very first."))
        }
    }

    @Test func `a gap ends where upstream takes audio again`() async throws {
        try await FeedBench.with { bench in
            _ = try await bench.open("es")
            let bytes = [UInt8](repeating: 0x20, count: AudioFrame.byteCount)
            for startMs in [0, 5_000] as [Int64] {
                try await bench.with("es") { feed in
                    feed.dropped(AudioFrame(bytes, startMs: startMs), .upstreamSlow)
                    feed.link?.append(AudioFrame(bytes, startMs: startMs + 100))
                }
            }
            let gaps = try await bench.all("es")
            #expect(gaps.map(\.shown) == ["[upstream_slow]", "[upstream_slow]"])
            #expect(gaps.map(\.startMs) == [0, 5_000] && gaps.map(\.endMs) == [100, 5_100])
        }
    }

    @Test func `a renewal that fails is nobody's business while the session is there`() async throws
    {
        try await FeedBench.with { bench in
            _ = try await bench.open("es", expiresAt: FeedBench.soonOver)
            bench.upstream.refuse(503)
            try await bench.until("es") { feed in
                feed.tick()
                return (feed.link?.losses ?? 0) > 0
            }
            #expect(try await bench.with("es") { $0.state } == .live)
            bench.upstream.refuse(nil)
            _ = try await bench.upstream.next()
        }
    }

    @Test func `one that is lost while the next is on its way is not asked for twice`() async throws
    {
        try await FeedBench.with { bench in
            let first = try await bench.open("es", expiresAt: FeedBench.soonOver)
            let letIn = bench.upstream.hold()
            try await bench.until("es") { feed in
                feed.tick()
                return feed.link?.number == 2
            }
            await first.drop()
            try await bench.until("es") { $0.state == .interrupted(.upstreamLost) }
            #expect(try await bench.with("es") { $0.link?.losses } == 0)
            letIn()
            _ = try await bench.upstream.next()
            try await bench.until("es") { $0.state == .live }
            #expect(try await bench.with("es") { $0.link?.current?.number } == 2)
        }
    }

    @Test func `an error of long ago is not why a session is lost`() async throws {
        for (errorTime, reason) in [(.seconds(10), .rateLimited), (.zero, .upstreamLost)]
            as [(Duration, GapReason)]
        {
            try await FeedBench.with(change: { $0.errorTime = errorTime }) { bench in
                let session = try await bench.open("es")
                await session.send("error", ["error": ["code": "rate_limit_exceeded"]])
                try await bench.until("es") { $0.link?.current?.lastError != nil }
                await session.drop()
                try await bench.until("es") { $0.state != .live }
                #expect(try await bench.with("es") { $0.state } == .interrupted(reason))
            }
        }
    }

    @Test func `each event to upstream has an id of its own`() async throws {
        try await FeedBench.with(transcriptionModel: "gpt-realtime-whisper") { bench in
            let session = try await bench.open("en")
            try await bench.hear(frames: 10)
            try await bench.hear(frames: 4, isLoud: false)
            var ids: [String] = []
            for _ in 0..<14 {
                let append = try await session.event("input_audio_buffer.append")
                ids.append(try #require(append["event_id"]?.stringValue))
            }
            let commit = try await session.event("input_audio_buffer.commit")
            ids.append(try #require(commit["event_id"]?.stringValue))
            #expect(ids == (2...15).map { "append_1_\($0)" } + ["commit_1_16"])
        }
    }

    @Test func `one that never takes its settings makes room for another`() async throws {
        try await FeedBench.with(change: { $0.readyTime = .milliseconds(1) }) { bench in
            try await bench.with("es") { $0.open() }
            _ = try await bench.upstream.next(isReady: false)
            _ = try await bench.upstream.next(isReady: false)
            #expect(
                try await bench.with("es") { $0.state } == .interrupted(.upstreamLost)
            )
        }
    }
}

/// What a broadcast makes of translation sessions that end.
@Suite(.timeLimit(.minutes(1)))
struct TranslationEndTests {
    private func says(_ text: String, _ session: PlayedSession, atMs: Int64) async {
        await session.send(
            "session.output_transcript.delta",
            ["delta": .string(text), "elapsed_ms": .integer(atMs)]
        )
    }

    @Test func `one that has told all is closed, whoever is to do so`() async throws {
        try await FeedBench.with { bench in
            let session = try await bench.open("es")
            try await bench.hear(frames: 2)
            let began = ContinuousClock.now
            try await bench.with("es") { $0.close() }
            _ = try await session.event("session.close")
            await says("Hola", session, atMs: 200)
            await session.send("session.closed")
            let closure = await session.log.ending()
            #expect(closure?.code == .normal && closure?.isByPeer == true)
            #expect(ContinuousClock.now - began < UpstreamLink.drainTime)
            #expect(await bench.told(1) == ["Hola"])
        }
    }

    @Test func `one that is lost before it has told all is a gap`() async throws {
        try await FeedBench.with { bench in
            let session = try await bench.open("es")
            try await bench.hear(frames: 20)
            await says("Hola a", session, atMs: 400)
            try await bench.until("es") { !$0.track.open.isEmpty }
            try await bench.with("es") { $0.close() }
            await session.drop()
            #expect(await bench.told(2) == ["Hola a|upstream_lost", "[upstream_lost]"])
            try await bench.hear(frames: 10, isLoud: false)
            _ = try await bench.open("es")
            let gap = try #require(try await bench.all("es").last)
            #expect((gap.startMs, gap.endMs, gap.revision) == (400, 2_000, 1))
        }
    }
}
