import Captions
import JSON
import Testing

@testable import ContextStore
@testable import SessionBroker

/// Which stretches are marked that nobody listened to.
@Suite(.timeLimit(.minutes(1)))
struct LanguageFeedTests {
    @Test func `who comes back while the session still speaks has missed nothing`() async throws {
        try await FeedBench.with { bench in
            _ = try await bench.open("es")
            try await bench.hear(frames: 30)
            try await bench.with("es") { feed in
                feed.close()
                feed.open()
            }
            #expect(try await bench.all("es").isEmpty)
        }
    }

    @Test func `what was said in between is marked, and no more`() async throws {
        try await FeedBench.with { bench in
            _ = try await bench.open("es")
            try await bench.hear(frames: 30)
            try await bench.with("es") { $0.close() }
            try await bench.hear(frames: 20)
            try await bench.with("es") { $0.open() }
            let gap = try await bench.next()
            #expect((gap.shown, gap.startMs, gap.endMs) == ("[no_listeners]", 3_000, 5_000))
        }
    }

    @Test func `what was said before the broker was stopped counts`() async throws {
        let past = BroadcastPast(tracks: ["en": .make("en", 9_000), "es": .make("es", 4_000)])
        try await FeedBench.with(past: past) { bench in
            try await bench.with("es") { $0.open() }
            let gap = try await bench.next()
            #expect((gap.shown, gap.startMs, gap.endMs) == ("[no_listeners]", 4_000, 9_000))
        }
    }

    @Test func `of what was lost before anything was told nobody knows who listened`() async throws
    {
        let past = BroadcastPast(tracks: ["en": .make("en", 9_000)], lostUntilMs: 9_000)
        try await FeedBench.with(past: past) { bench in
            _ = try await bench.open("es")
            try await bench.hear(frames: 20)
            try await bench.with("es") { $0.close() }
            try await bench.hear(frames: 20)
            try await bench.with("es") { $0.open() }
            let gaps = try await bench.all("es")
            #expect(gaps.map(\.shown) == ["[broker_restarted]", "[no_listeners]"])
            #expect(gaps.map(\.startMs) == [0, 11_000] && gaps.map(\.endMs) == [9_000, 13_000])
        }
    }

    @Test func `at the end a language that was told says what it has missed`() async throws {
        let past = BroadcastPast(tracks: ["en": .make("en", 9_000), "es": .make("es", 4_000)])
        try await FeedBench.with(past: past) { bench in
            await bench.end()
            let (spanish, english) = (try await bench.all("es"), try await bench.all("en"))
            #expect(spanish.map(\.shown) == ["[no_listeners]"] && english.isEmpty)
        }
    }

    @Test func `at the end a language that nobody ever heard has nothing`() async throws {
        let past = BroadcastPast(tracks: ["en": .make("en", 9_000)])
        try await FeedBench.with(past: past) { bench in
            await bench.end()
            let spanish = try await bench.all("es")
            #expect(spanish.isEmpty)
        }
    }
}

extension CaptionTrack {
    /// A language with one caption, up to a time.
    fileprivate static func make(_ language: String, _ coveredMs: Int64) -> CaptionTrack {
        CaptionTrack(
            language: language,
            lastSequence: 1,
            lastNumber: 1,
            coveredMs: coveredMs
        )
    }
}
