import Captions
import ContextStore
import JSON
import Testing

@testable import SessionBroker
@testable import WebServer

/// What those who speak and listen may make the broker hold, and what they are kept waiting for.
@Suite(.timeLimit(.minutes(1))) struct BroadcastClientTests {
    @Test func `a listener that reads nothing cannot ask for ever more`() async throws {
        try await withBroadcasts { bench in
            let owned = try await bench.made(languages: ["es"])
            let text = String(repeating: "word ", count: 200)
            for language in ["en", "es"] {
                let said = (1...1_000).map { Caption.said(text, $0, in: language) }
                try await bench.owner.storeCaptions(said, of: owned.broadcast)
            }
            let listener = try bench.listen(to: owned)
            _ = try await listener.event("broadcast.joined")
            await listener.log.perform { $0.pauseReading() }
            for language in ["es", "en", "es", "en"] {
                await listener.send([
                    "type": "listener.update", "language": .string(language),
                    "after": .string("\(language).0"),
                ])
                // Until it is there, or was let go.
                try await bench.until {
                    await bench.withLive(owned) { live in
                        live?.listeners == 0 || live?.feeds[language]?.listeners == 1
                    }
                }
            }
            let closure = await listener.closure()
            #expect(closure?.code == .tryAgainLater)
            #expect(closure?.reason == "slow_listener")
        }
    }

    @Test func `a speaker that reads nothing is let go`() async throws {
        try await withBroadcasts { bench in
            let speaker = try bench.speak(in: try await bench.made())
            _ = try await speaker.event("speaker.ready")
            await speaker.log.perform { $0.pauseReading() }
            for _ in 0..<5_000 { await speaker.send(["type": "nonsense"]) }
            let closure = await speaker.closure()
            #expect(closure?.code == .tryAgainLater)
            #expect(closure?.reason == "slow_speaker")
        }
    }

    @Test func `a speaker is heard again though nobody says that the wait is over`() async throws {
        try await withBroadcasts { bench in
            let owned = try await bench.made()
            let speaker = try bench.speak(in: owned)
            _ = try await speaker.event("speaker.ready")
            await bench.withLive(owned) { live in
                live?.waiting = LiveBroadcast.maximumWaiting + 1
                live?.updateSpeaker()
                live?.waiting = 0
            }
            await speaker.send(["type": "nonsense"])
            #expect(try await speaker.event("error") != nil)
        }
    }

    @Test func `a speaker that leaves before it may speak does not speak for ever`() async throws {
        try await withBroadcasts { bench in
            let owned = try await bench.made()
            let resampler = try #require(Resampler(rate: 24_000))
            let side = SpeakerSide(bench.broadcasts, owned, resampler)
            await bench.withLive(owned) { live in
                live?.arrive(side)
                live?.leave(side, WebSocketClosure(code: .abnormal, isByPeer: true))
            }
            try await bench.until {
                try await bench.owner.broadcast(owned.broadcast.id).speakers == 1
            }
            try await bench.until {
                try await !bench.owner.broadcast(owned.broadcast.id).isSpeaking
            }
        }
    }

    @Test func `it is stored that nobody speaks when all that was said is told`() async throws {
        try await withBroadcasts { bench in
            let owned = try await bench.made()
            let id = owned.broadcast.id
            let speaker = try bench.speak(in: owned)
            _ = try await speaker.event("speaker.ready")
            let saidMs = await bench.withLive(owned) { live -> Int64 in
                _ = live?.speech.append(5_000, isLoud: true, atMs: 0)
                return live?.lastLoudMs ?? 0
            }
            await speaker.log.perform { $0.close(.normal) }
            _ = await speaker.closure()
            // Upstream is to tell five seconds yet.
            let isOwed = await bench.withLive(owned) { live -> Bool in
                live?.noteSpeakingEnd()
                return live?.owesSpeakingEnd == true && live?.isWritingSpeakingEnd == false
            }
            #expect(isOwed)
            #expect(try await bench.owner.broadcast(id).isSpeaking)
            await bench.withLive(owned) { $0?.source?.beginGap(.upstreamLost, from: 0, to: saidMs) }
            try await bench.until { try await !bench.owner.broadcast(id).isSpeaking }
        }
    }

    @Test func `who came by a token goes with it`() async throws {
        try await withBroadcasts { bench in
            let owned = try await bench.made(access: .token)
            let (old, new): ([UInt8], [UInt8]) = ([1], [2])
            _ = try await bench.owner.replaceTokenHash(old, of: owned.broadcast.id, once: nil)
            let byToken = try bench.listen(to: owned, tokenHash: old)
            let byName = try bench.listen(to: owned)
            for it in [byToken, byName] { _ = try await it.event("broadcast.joined") }
            _ = try await bench.owner.replaceTokenHash(new, of: owned.broadcast.id, once: nil)
            bench.broadcasts.tokenReplaced(owned)
            #expect(await byToken.closure()?.reason == "token_replaced")
            // One who was let in just before, and comes only now.
            #expect(
                try await bench.listen(to: owned, tokenHash: old).closure()?.code
                    == .policyViolation
            )
            let byNew = try bench.listen(to: owned, tokenHash: new)
            #expect(try await byNew.event("broadcast.joined")?["listeners"] == 2)
        }
    }
}
