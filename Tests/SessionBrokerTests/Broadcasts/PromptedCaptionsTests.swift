import Captions
import ContextStore
import JSON
import Testing
import WebServer

@testable import SessionBroker

/// Translation by a realtime session, a caption at a time, when it does not go as it should.
@Suite(.timeLimit(.minutes(1)))
struct PromptedCaptionsTests {
    private func with(_ body: (FeedBench) async throws -> Void) async throws {
        try await FeedBench.with(translationModel: "gpt-realtime-2.1-mini", body)
    }

    private func say(_ sequences: ClosedRange<Int64>, _ bench: FeedBench) async throws {
        try await bench.with("es") { feed in
            for sequence in sequences { feed.sourceTold(.source(sequence)) }
        }
    }

    /// A caption of the source is told, perhaps anew.
    private func tell(_ caption: Caption, _ bench: FeedBench) async throws {
        try await bench.with("es") { $0.sourceTold(caption) }
    }

    /// The next question: the id of its event, and what is to be translated.
    private func question(_ session: PlayedSession) async throws -> (id: String, text: String) {
        let event = try await session.event("response.create")
        let input = event["response"]?["input"]?.arrayValue?.first
        return (
            try #require(event["event_id"]?.stringValue),
            try #require(input?["content"]?.arrayValue?.first?["text"]?.stringValue)
        )
    }

    private func begin(_ id: String, _ session: PlayedSession, _ text: String = "Frase") async {
        let response: JSONValue = [
            "id": .string("resp_\(id)"), "metadata": ["caption": .string(id)],
        ]
        await session.send("response.created", ["response": response])
        await session.send(
            "response.output_text.delta",
            ["response_id": .string("resp_\(id)"), "delta": .string(text)]
        )
    }

    /// Answers the next questions.
    private func answer(
        _ count: Int,
        _ session: PlayedSession,
        _ text: String = "Frase"
    ) async throws {
        for _ in 0..<count {
            let id = try await question(session).id
            await begin(id, session, text)
            let response: JSONValue = ["id": .string("resp_\(id)"), "status": "completed"]
            await session.send("response.done", ["response": response])
        }
    }

    @Test func `what upstream refuses to translate is a gap, and all goes on`() async throws {
        try await with { bench in
            let session = try await bench.open("es")
            try await say(1...6, bench)
            for code in ["slow_down", "invalid_value", "invalid_value", "invalid_value"] {
                let id = try await question(session).id
                let error: JSONValue = ["code": .string(code), "event_id": .string(id)]
                await session.send("error", ["error": error])
            }
            try await answer(2, session)
            let told = await bench.told(6)
            #expect(
                told == ["[rate_limited]"] + Array(repeating: "[not_understood]", count: 3)
                    + ["Frase", "Frase"]
            )
        }
    }

    @Test func `what waits at the end is translated before it`() async throws {
        try await with { bench in
            let session = try await bench.open("es")
            try await say(1...10, bench)
            try await bench.with("es") { $0.close() }
            try await answer(10, session)
            #expect(await session.log.ending()?.code == .normal)
            #expect(await bench.told(10) == Array(repeating: "Frase", count: 10))
        }
    }

    @Test func `what was not translated by a session that is let go is a gap each`() async throws {
        try await with { bench in
            let session = try await bench.open("es")
            try await say(1...6, bench)
            try await bench.with("es") { $0.close() }
            await begin(try await question(session).id, session)
            try await bench.until("es") { $0.track.draft(1)?.text == "Frase" }
            await session.drop()
            #expect(
                await bench.told(6) == ["Frase|upstream_lost"]
                    + Array(repeating: "[upstream_lost]", count: 5)
            )
            try await bench.until("es") { $0.link?.isIdle == true }
        }
    }

    @Test func `what waits for a session that never comes is a gap each`() async throws {
        try await with { bench in
            try await bench.with("es") { $0.open() }
            try await say(1...2, bench)
            try await bench.with("es") { $0.close() }
            #expect(await bench.told(2) == ["[upstream_lost]", "[upstream_lost]"])
        }
    }

    @Test func `what is said while nobody listens is not translated later`() async throws {
        try await with { bench in
            let first = try await bench.open("es")
            try await bench.with("es") { $0.close() }
            #expect(await first.log.ending()?.code == .normal)
            try await say(1...2, bench)
            let second = try await bench.open("es")
            try await say(3...3, bench)
            #expect(try await question(second).text == "Sentence 3")
            #expect(await bench.told(1) == ["[no_listeners]"])
        }
    }

    @Test func `who comes in mid-sentence has missed what was told before`() async throws {
        try await with { bench in
            try await say(1...3, bench)
            try await bench.hear(frames: 60)
            let session = try await bench.open("es")
            let gap = try await bench.next()
            #expect((gap.shown, gap.startMs, gap.endMs) == ("[no_listeners]", 0, 3_900))
            try await say(4...4, bench)
            #expect(try await question(session).text == "Sentence 4")
        }
    }

    @Test func `a lost session costs what it was asked for, and nothing else`() async throws {
        try await with { bench in
            let first = try await bench.open("es")
            try await say(1...5, bench)
            await begin(try await question(first).id, first)
            try await bench.until("es") { $0.track.draft(1)?.text == "Frase" }
            await first.drop()
            let second = try await bench.upstream.next()
            #expect(try await question(second).text == "Sentence 5")
            #expect(
                await bench.told(4) == ["Frase|upstream_lost"]
                    + Array(repeating: "[upstream_lost]", count: 3)
            )
            let cut = try await bench.all("es")
            #expect(cut.map(\.startMs) == [1_000, 2_000, 3_000, 4_000], "no gap without a time")
        }
    }

    @Test func `a gap of the source that turns out longer is longer here, too`() async throws {
        try await with { bench in
            _ = try await bench.open("es")
            try await tell(.source(1, gap: .upstreamLost), bench)
            #expect(try await bench.next().endMs == 1_900)
            try await tell(.source(1, 2, gap: .upstreamLost, endMs: 21_000), bench)
            let gap = try await bench.next()
            #expect((gap.sequence, gap.revision, gap.shown) == (1, 2, "[upstream_lost]"))
            #expect((gap.startMs, gap.endMs) == (1_000, 21_000))
        }
    }

    @Test func `what is understood late is translated in the place of the gap`() async throws {
        try await with { bench in
            let session = try await bench.open("es")
            try await tell(.source(1, gap: .notUnderstood), bench)
            #expect(try await bench.next().shown == "[not_understood]")
            try await tell(.source(1, 2), bench)
            try await answer(1, session, "Tarde")
            let late = try await bench.next()
            #expect((late.sequence, late.revision, late.shown) == (1, 2, "Tarde"))
        }
    }

    @Test func `a text that is corrected while it is translated is translated anew`() async throws {
        try await with { bench in
            let session = try await bench.open("es")
            try await say(1...1, bench)
            let id = try await question(session).id
            try await tell(.source(1, 2, text: "Corrected"), bench)
            await begin(id, session)
            let response: JSONValue = ["id": .string("resp_\(id)"), "status": "completed"]
            await session.send("response.done", ["response": response])
            #expect(try await question(session).text == "Corrected")
            #expect(try await bench.next().shown == "Frase")
        }
    }

    @Test func `a correction that cannot be translated leaves what was told`() async throws {
        try await with { bench in
            let session = try await bench.open("es")
            try await say(1...1, bench)
            try await answer(1, session)
            _ = try await bench.next()
            try await tell(.source(1, 2, text: "Corrected"), bench)
            let error: JSONValue = [
                "code": "invalid_value", "event_id": .string(try await question(session).id),
            ]
            await session.send("error", ["error": error])
            try await say(2...2, bench)
            try await answer(1, session, "Otra")
            #expect(try await bench.next().shown == "Otra")
            #expect(try await bench.all("es").map(\.shown) == ["Frase", "Otra"])
        }
    }

    @Test func `what turns out to be nothing is told as nothing`() async throws {
        try await with { bench in
            try await bench.with("es") { $0.open() }
            try await say(1...2, bench)
            try await tell(.source(1, 2, text: ""), bench)
            let session = try await bench.upstream.next()
            try await answer(1, session)
            let caption = try await bench.next()
            #expect((caption.sequence, caption.shown) == (1, "Frase"))
            try await tell(.source(2, 2, text: ""), bench)
            let nothing = try await bench.next()
            #expect((nothing.sequence, nothing.revision, nothing.text) == (1, 2, ""))
        }
    }

    @Test func `what nobody heard is not translated when it is corrected`() async throws {
        try await with { bench in
            let session = try await bench.open("es")
            try await tell(.source(1, 2, text: "Corrected"), bench)
            try await say(2...2, bench)
            #expect(try await question(session).text == "Sentence 2")
        }
    }

    @Test func `what upstream lets be used is kept`() async throws {
        try await with { bench in
            let session = try await bench.open("es")
            let limit: JSONValue = ["name": "tokens", "remaining": 7]
            await session.send("rate_limits.updated", ["rate_limits": [limit]])
            try await bench.until("es") { feed in
                feed.broadcast.services.rateLimits.latest["tokens"] == limit
            }
            let limits = try await bench.perform { live in
                let board = live.services.rateLimits
                let before = board.limits(of: live.broadcast.sessionID)
                live.isLetGo = true
                return [before, board.limits(of: live.broadcast.sessionID)]
            }
            #expect(limits == [[limit], nil])
        }
    }
}

extension Caption {
    /// A caption of the source: a sentence, unless it is something else.
    fileprivate static func source(
        _ sequence: Int64,
        _ revision: Int64 = 1,
        text: String? = nil,
        gap: GapReason? = nil,
        endMs: Int64? = nil
    ) -> Caption {
        Caption(
            language: "en",
            sequence: sequence,
            revision: revision,
            number: sequence,
            kind: gap == nil ? .text : .gap,
            text: gap == nil ? text ?? "Sentence \(sequence)" : "",
            reason: gap,
            speaker: 1,
            startMs: sequence * 1_000,
            endMs: endMs ?? sequence * 1_000 + 900
        )
    }
}
