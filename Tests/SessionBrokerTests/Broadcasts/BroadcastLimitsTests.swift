import ContextStore
import JSON
import Locking
import Testing
import WebServer

@testable import SessionBroker

/// When a broadcast that is on air ends by itself.
@Suite(.timeLimit(.minutes(1))) struct BroadcastLimitsTests {
    /// A wall clock that can be put forward.
    private final class PutForward: Sendable {
        private let offset = Mutex<Int64>(0)

        var now: Int64 { offset.withLock { Timestamp.now().milliseconds + $0 } }

        func pass(seconds: Int64) { offset.withLock { $0 += seconds * 1_000 } }
    }

    private func with(
        _ limits: SessionClock.Limits,
        _ body: (BroadcastBench, OwnedBroadcast, PutForward) async throws -> Void
    ) async throws {
        let clock = PutForward()
        try await withBroadcasts { services in
            services.limits = limits
            services.wallClockMilliseconds = { clock.now }
        } _: { bench in
            try await body(bench, try await bench.made(), clock)
        }
    }

    /// Why it is to end, if it is, by now.
    private func due(_ owned: OwnedBroadcast, _ bench: BroadcastBench) async -> String? {
        await bench.withLive(owned) { live in
            live?.checkLimits()
            return live?.endReason
        }
    }

    @Test func `one whose time is over ends, and everybody is told why`() async throws {
        let limits = SessionClock.Limits(maximumDuration: .seconds(600))
        try await with(limits) { bench, owned, clock in
            let listener = try bench.listen(to: owned)
            let speaker = try bench.speak(in: owned)
            _ = try await speaker.event("speaker.ready")
            clock.pass(seconds: 590)
            #expect(await due(owned, bench) == nil)
            clock.pass(seconds: 11)
            #expect(try await listener.event("broadcast.ended")?["reason"] == "max_duration")
            #expect(await speaker.closure()?.reason == "max_duration")
            let ended = try await bench.owner.broadcast(owned.broadcast.id)
            #expect(ended.status == .ended && ended.endReason == "max_duration")
        }
    }

    @Test func `a speaker who says nothing is let go, and may come again`() async throws {
        let limits = SessionClock.Limits(idleTime: .seconds(900))
        try await with(limits) { bench, owned, clock in
            let speaker = try bench.speak(in: owned)
            _ = try await speaker.event("speaker.ready")
            clock.pass(seconds: 890)
            let loud = String(repeating: "ACAA", count: 1_600)
            await speaker.send(["type": "input_audio_buffer.append", "audio": .string(loud)])
            try await bench.until { await bench.withLive(owned) { ($0?.lastLoudMs ?? 0) > 0 } }
            clock.pass(seconds: 890)
            let listener = try bench.listen(to: owned)
            _ = try await listener.event("broadcast.joined")
            #expect(await due(owned, bench) == nil)
            clock.pass(seconds: 11)
            let closure = await speaker.closure()
            #expect(closure?.code == 4_408 && closure?.reason == "idle_timeout")
            #expect(try await listener.event("speaker.stopped")?["reason"] == "idle_timeout")
            let second = try bench.speak(in: owned)
            _ = try await second.event("speaker.ready")
            #expect(await due(owned, bench) == nil)
            #expect(try await bench.owner.broadcast(owned.broadcast.id).status == .live)
        }
    }

    @Test func `one without a speaker waits for as long as it may last`() async throws {
        let limits = SessionClock.Limits(idleTime: .seconds(900))
        try await with(limits) { bench, owned, clock in
            let first = try bench.speak(in: owned)
            _ = try await first.event("speaker.ready")
            await first.log.perform { $0.close(.normal) }
            _ = await first.closure()
            clock.pass(seconds: 3_600)
            #expect(await due(owned, bench) == nil)
            let second = try bench.speak(in: owned)
            _ = try await second.event("speaker.ready")
            #expect(await due(owned, bench) == nil)
        }
    }
}
