import Captions
import JSON
import Testing
import WebServer

@testable import SessionBroker

/// Transcription by a model that takes no voice detection: the broker commits each turn.
@Suite(.timeLimit(.minutes(1)))
struct CommittedTurnsTests {
    @Test func `each turn is committed at its pause, and told with its own time`() async throws {
        try await FeedBench.with(transcriptionModel: "gpt-realtime-whisper") { bench in
            let session = try await bench.open("en")
            try await bench.hear(frames: 25, isLoud: false)
            try await bench.hear(frames: 10)
            try await bench.hear(frames: 4, isLoud: false)
            _ = try await session.event("input_audio_buffer.clear")
            _ = try await session.event("input_audio_buffer.commit")
            await session.commits("a")
            await session.completes("a", "The first.")
            let caption = try await bench.next()
            #expect((caption.text, caption.startMs, caption.endMs) == ("The first.", 2_500, 3_500))
        }
    }

    @Test func `an error is about the turn that it names`() async throws {
        try await FeedBench.with(transcriptionModel: "gpt-realtime-whisper") { bench in
            let session = try await bench.open("en")
            var ids: [JSONValue] = []
            for _ in 0..<2 {
                try await bench.hear(frames: 10)
                try await bench.hear(frames: 4, isLoud: false)
                let commit = try await session.event("input_audio_buffer.commit")
                ids.append(try #require(commit["event_id"]))
            }
            await session.send("error", ["error": ["code": "invalid_value", "event_id": ids[1]]])
            await session.commits("a")
            await session.completes("a", "The first.")
            let caption = try await bench.next()
            #expect((caption.text, caption.startMs, caption.endMs) == ("The first.", 0, 1_000))
            try await bench.with("en") { $0.close() }
            #expect(await session.log.ending()?.code == .normal)
        }
    }

    @Test func `at the end what was said last is committed, and waited for`() async throws {
        try await FeedBench.with(transcriptionModel: "gpt-realtime-whisper") { bench in
            let session = try await bench.open("en")
            try await bench.hear(frames: 10)
            try await bench.with("en") { $0.close() }
            _ = try await session.event("input_audio_buffer.commit")
            await session.commits("a")
            await session.completes("a", "The last.")
            #expect(await session.log.ending()?.code == .normal)
            #expect(await bench.told(1) == ["The last."])
        }
    }
}
