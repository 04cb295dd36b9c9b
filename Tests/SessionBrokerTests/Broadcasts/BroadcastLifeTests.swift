import Captions
import ContextStore
import Dispatch
import JSON
import Testing

@testable import SessionBroker
@testable import WebServer

/// When a broadcast comes into memory, who gets it then, and when it goes.
@Suite(.timeLimit(.minutes(1))) struct BroadcastLifeTests {
    @Test func `a speaker is let go where the broadcast cannot be taken up`() async throws {
        try await withBroadcasts { bench in
            let gone = try await bench.made()
            try await bench.owner.deleteBroadcast(gone.broadcast.id)
            let speaker = try bench.speak(in: gone)
            #expect(await speaker.closure()?.code == .internalError)
        }
    }

    @Test func `who waits for one that is deleted meanwhile is told so`() async throws {
        try await withBroadcasts { bench in
            for _ in 0..<20 {
                let owned = try await bench.made()
                let isThere = await withCheckedContinuation { continuation in
                    bench.broadcasts.withLive(owned) { continuation.resume(returning: $0 != nil) }
                    bench.broadcasts.remove(owned.broadcast.id)
                }
                #expect(!isThere)
                #expect(bench.broadcasts.count == 0)
            }
        }
    }

    @Test func `who comes while the end is being written finds it ended`() async throws {
        try await withBroadcasts { bench in
            let owned = try await bench.made()
            let isTakenUp = DispatchSemaphore(value: 0)
            // Called when the end is written and nobody can read it yet.
            let record = IdempotencyRecord<Broadcast>(key: "once", fingerprint: [1]) { _ in
                bench.broadcasts.withLive(owned) { _ in isTakenUp.signal() }
                isTakenUp.wait()
                return []
            }
            _ = try await bench.broadcasts.end(owned, reason: "over", once: record)
            #expect(await bench.withLive(owned) { $0?.isOver } == true)
        }
    }

    @Test func `who comes to one that was given up is let go as all others were`() async throws {
        try await withBroadcasts { bench in
            let owned = try await bench.made()
            await bench.withLive(owned) { $0?.abandon("shutdown", code: .goingAway) }
            #expect(try await bench.listen(to: owned).closure()?.code == .goingAway)
            #expect(try await bench.speak(in: owned).closure()?.code == .goingAway)
        }
    }

    @Test func `one that nobody uses any more is let go`() async throws {
        try await withBroadcasts(change: { $0.idleTime = .zero }) { bench in
            let owned = try await bench.made()
            // As one who spoke, and left before it was taken up.
            await bench.withLive(owned) { _ in }
            try await bench.until { bench.broadcasts.count == 0 }
        }
    }

    @Test func `one that is over is let go at once`() async throws {
        try await withBroadcasts { bench in
            let owned = try await bench.made()
            _ = try await bench.owner.endBroadcast(owned.broadcast.id, reason: "over", once: nil)
            let listener = try bench.listen(to: owned)
            let ended = try await listener.event("broadcast.ended")
            #expect(ended?["event_id"] == "en.0")
            try await bench.until { bench.broadcasts.count == 0 }
        }
    }

    @Test func `what was interrupted is read without writing`() async throws {
        try await withBroadcasts { bench in
            let id = try await bench.made(languages: ["es"]).broadcast.id
            let broadcast = try await bench.owner.beginSpeaking(in: id)
            try await bench.owner.storeCaptions(
                [.said("One", 1), .said("Three", 3)],
                of: broadcast
            )
            let startMs = try #require(broadcast.startedAt).milliseconds
            let past = try await BroadcastPast.read(broadcast, bench.owner, at: startMs + 60_000)
            #expect(past.missing.map(\.sequence) == [2, 4])
            #expect(past.missing.map(\.number) == [4, 5])
            #expect(past.missing.map(\.reason) == [.brokerRestarted, .brokerRestarted])
            #expect(past.missing.map(\.endMs) == [3_900, 60_000])
            #expect(past.told["en"]?.map(\.sequence) == [1, 3])
            #expect(past.coveredMs == 60_000)
            #expect(try await bench.owner.tracks(of: id).map(\.lastSequence) == [3])
            #expect(try await bench.owner.broadcast(id).isSpeaking)
        }
    }

    @Test func `what was said before the first caption is missing, too`() async throws {
        try await withBroadcasts { bench in
            let id = try await bench.made(languages: ["es"]).broadcast.id
            let broadcast = try await bench.owner.beginSpeaking(in: id)
            let startMs = try #require(broadcast.startedAt).milliseconds
            let past = try await BroadcastPast.read(broadcast, bench.owner, at: startMs + 12_000)
            let gap = try #require(past.missing.first)
            #expect((gap.language, gap.sequence, gap.shown) == ("en", 1, "[broker_restarted]"))
            #expect((gap.startMs, gap.endMs) == (0, 12_000))
            #expect((past.missing.count, past.coveredMs, past.lostUntilMs) == (1, 12_000, 12_000))
        }
    }

    @Test func `what was interrupted is told and stored, once`() async throws {
        try await withBroadcasts { bench in
            let owned = try await bench.made()
            let id = owned.broadcast.id
            let broadcast = try await bench.owner.beginSpeaking(in: id)
            try await bench.owner.storeCaptions([.said("One", 1)], of: broadcast)
            let listener = try bench.listen(to: owned)
            repeat {} while try await listener.event("segment.completed")?["kind"] != "gap"
            try await bench.until { try await !bench.owner.broadcast(id).isSpeaking }
            let told = try await bench.owner.captions(of: id, language: "en", limit: 10).elements
            #expect(told.map(\.caption.kind) == [.text, .gap])
        }
    }
}

extension Caption {
    /// What was said in a second, in English.
    static func said(_ text: String, _ sequence: Int64, in language: String = "en") -> Caption {
        Caption(
            language: language,
            sequence: sequence,
            revision: 1,
            number: sequence,
            text: text,
            speaker: 1,
            startMs: sequence * 1_000,
            endMs: sequence * 1_000 + 900
        )
    }
}
