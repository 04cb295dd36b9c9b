import JSON
import Testing
import Transcript

@Suite struct InterruptionTests {
    private func interrupted(
        at heardMs: Int,
        _ pieces: [(String, Int?)],
        audioMs: Int = 0
    ) -> TranscriptItem? {
        let text = pieces.map(\.0).joined()
        var events: [TranscriptEvent] = [
            .responseCreated(ResponseSnapshot(id: "r")),
            .outputItemAdded(.answer("a"), responseID: "r"),
            .itemAdded(.answer("a"), after: .first),
            .outputAudio(itemID: "a", milliseconds: audioMs),
        ]
        for (piece, ms) in pieces {
            events.append(.textDelta(TextSpan(itemID: "a"), piece, startMs: ms))
        }
        events += [
            .itemDone(.answer("a", text, .incomplete), after: .first),
            .itemAdded(.speech("u"), after: .item("a")),
            .itemTruncated(id: "a", audioEndMs: heardMs),
        ]
        return Replay.stored(events, isFinished: true).items["a"]
    }

    @Test func `a cut answer keeps what was generated, and how much of it was heard`() {
        let item = interrupted(at: 1_200, [("Olá, Marcelo! ", nil), ("É um prazer", nil)])
        #expect(item?.content == "Olá, Marcelo! É um prazer")
        #expect(item?.status == .incomplete)
        #expect(item?.audioEndMs == 1_200)
        #expect(item?.metadata["audio_end_ms"] == 1200)
        #expect(item?.heardText == nil)
    }

    @Test func `an answer of which nothing was heard says so`() {
        #expect(interrupted(at: 0, [("Hello", nil)])?.heardText == "")
    }

    @Test func `what was heard is known where the pieces have times`() {
        let pieces: [(String, Int?)] = [("Hello. ", 0), ("Nice ", 680), ("day.", 1_300)]
        #expect(interrupted(at: 1_000, pieces)?.heardText == "Hello. Nice ")
        #expect(interrupted(at: 9_000, pieces)?.heardText == "Hello. Nice day.")
        #expect(interrupted(at: 1_000, pieces)?.isHeardTextEstimated == false)
    }

    @Test func `what was heard is estimated from how long the audio lasts`() {
        let item = interrupted(at: 500, [("one two three four", nil)], audioMs: 1_000)
        #expect(item?.heardText == "one two")
        #expect(item?.isHeardTextEstimated == true)
        #expect(item?.metadata["heard_text_estimated"] == true)
        let all = interrupted(at: 2_000, [("one two", nil)], audioMs: 1_000)
        #expect(all?.heardText == "one two")
        #expect(all?.isHeardTextEstimated == false)
    }

    @Test(arguments: [
        ("今日はいい天気ですね", "今日はいい"), ("Well, 今日はいい天気です", "Well, 今日は"),
        ("今日 unbelievable", "今日"), ("unbelievable", ""),
    ])
    func `where no spaces are, a cut is behind a character`(text: String, heard: String) {
        #expect(interrupted(at: 500, [(text, nil)], audioMs: 1_000)?.heardText == heard)
    }

    @Test func `a cut in the middle of a character goes before it`() {
        let item = interrupted(at: 550, [("é 👩‍👩‍👧 é", nil)], audioMs: 1_000)
        #expect(item?.heardText == "é")
    }

    @Test func `an answer that is cut after its end keeps its text`() {
        let item = Replay.item(
            "a",
            .itemAdded(.answer("a"), after: .first),
            .itemDone(.answer("a", "All of it"), after: .first),
            .itemTruncated(id: "a", audioEndMs: 300)
        )
        #expect(item?.content == "All of it")
        #expect(item?.status == .incomplete)
        #expect(item?.audioEndMs == 300)
    }

    @Test func `what the provider forgot by cutting is not forgotten here`() {
        let item = Replay.item(
            "a",
            .itemAdded(.answer("a"), after: .first),
            .itemDone(.answer("a", "All of it"), after: .first),
            .itemTruncated(id: "a", audioEndMs: 300),
            .itemRetrieved(.answer("a", "All")),
            .itemDone(.answer("a", "All"), after: .first)
        )
        #expect(item?.content == "All of it")
    }

    @Test func `what came in pieces is not forgotten when the cut comes first`() {
        let cut: [TranscriptEvent] = [
            .itemAdded(.answer("a"), after: .first),
            .textDelta(TextSpan(itemID: "a"), "All of ", startMs: nil),
            .textDelta(TextSpan(itemID: "a"), "it", startMs: nil),
            .itemTruncated(id: "a", audioEndMs: 300),
        ]
        let endings: [TranscriptEvent] = [
            .itemDone(.answer("a", "All", .incomplete), after: .first),
            .textDone(TextSpan(itemID: "a"), "All"),
        ]
        for ending in endings {
            let item = Replay.stored(cut + [ending], isFinished: true).items["a"]
            #expect(item?.content == "All of it")
            #expect(item?.status == .incomplete)
        }
    }

    @Test func `a cut that comes before the text is not lost`() {
        let item = Replay.item(
            "a",
            .itemAdded(.answer("a"), after: .first),
            .itemTruncated(id: "a", audioEndMs: 300),
            .itemDone(.answer("a", "All of it", .incomplete), after: .first)
        )
        #expect(item?.content == "All of it")
        #expect(item?.audioEndMs == 300)
    }

    @Test func `a player tells how much was heard`() {
        let item = Replay.item(
            "a",
            .itemAdded(.answer("a"), after: .first),
            .outputAudio(itemID: "a", milliseconds: 1_000),
            .textDelta(TextSpan(itemID: "a", kind: .audio), "one two three four", startMs: nil),
            .outputAudioHeard(itemID: "a", milliseconds: 500),
            .outputAudioHeard(itemID: "a", milliseconds: 400)
        )
        #expect(item?.metadata["audio_heard_ms"] == 500)
        #expect(item?.heardText == "one two")
        #expect(Replay.lines(.outputAudioHeard(itemID: "x", milliseconds: 1)) == [])
    }
}
