import Captions
import Testing

@testable import SessionBroker

/// Turns that are longer than a caption may be.
@Suite(.timeLimit(.minutes(1)))
struct LongTurnTests {
    private static let word = "word "
    private static let words = String(repeating: word, count: 400)
    /// What fits into a caption: a word more would end with the space behind it.
    private static let full = String(repeating: word, count: 800).dropLast().description

    private func with(_ body: (FeedBench, PlayedSession) async throws -> Void) async throws {
        try await FeedBench.with { bench in
            let session = try await bench.open("en")
            try await bench.hear(frames: 10)
            await session.starts("a", atMs: 0)
            try await body(bench, session)
        }
    }

    @Test func `a turn without an end goes on in the next caption`() async throws {
        try await with { bench, session in
            for _ in 0..<5 { await session.hears(Self.words, in: "a") }
            for sequence in [1, 2] as [Int64] {
                let part = try await bench.next()
                #expect((part.sequence, part.text) == (sequence, Self.full))
            }
            #expect(try await bench.with("en") { $0.track.open.map(\.text) } == [Self.words])
            await session.completes("a", String(repeating: Self.word, count: 2_000))
            let last = try await bench.next()
            #expect((last.sequence, last.text + " ") == (3, Self.words))
            #expect(try await bench.all("en").count == 3)
        }
    }

    @Test func `what was heard better in the end is told in the same captions`() async throws {
        try await with { bench, session in
            for _ in 0..<3 { await session.hears(Self.words, in: "a") }
            _ = try await bench.next()
            await session.completes("a", "Short.")
            let both = [try await bench.next(), try await bench.next()]
            #expect(both.map(\.text) == ["Short.", ""])
            #expect(both.map(\.sequence) == [1, 2] && both.map(\.revision) == [2, 1])
        }
    }

    @Test func `a long transcript that comes at once is as many captions`() async throws {
        try await with { bench, session in
            await session.completes("a", String(repeating: Self.word, count: 2_000))
            #expect(await bench.told(3).map(\.count) == [3_999, 3_999, 1_999])
            await session.completes("a", String(repeating: Self.word, count: 2_400))
            let last = try await bench.next()
            #expect((last.sequence, last.revision, last.text.count) == (3, 2, 3_999))
        }
    }
}
