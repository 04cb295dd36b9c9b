import JSON
import Testing
import Transcript

@Suite struct SpeechTests {
    private let spoken: [TranscriptEvent] = [
        .speechStarted(itemID: "u"), .speechStopped(itemID: "u"), .speechCommitted(itemID: "u"),
        .itemAdded(.speech("u"), after: .first), .itemDone(.speech("u"), after: .first),
    ]
    private let answered: [TranscriptEvent] = [
        .itemAdded(.answer("a"), after: .item("u")),
        .itemDone(.answer("a", "Hi"), after: .first),
    ]

    private func completed(_ text: String, _ id: String = "u", isFinal: Bool = true)
        -> TranscriptEvent
    {
        .transcriptionCompleted(Transcription(TextSpan(itemID: id), text, isFinal: isFinal))
    }

    private func replay(_ events: [TranscriptEvent], isFinished: Bool = false) -> TranscriptItem? {
        Replay.stored(spoken + events, isFinished: isFinished).items["u"]
    }

    @Test func `speech keeps its place while its transcript is awaited`() {
        #expect(replay([])?.status == .inProgress)
        #expect(replay([])?.transcriptionError == nil)
        #expect(replay([])?.role == .user)
    }

    @Test func `words of a turn that never ended are kept as what was heard`() {
        let events: [TranscriptEvent] = [
            .speechStarted(itemID: "u"), .transcriptionDelta(TextSpan(itemID: "u"), "My number"),
        ]
        let item = Replay.stored(events, isFinished: true).items["u"]
        #expect(item?.role == .user && item?.content == "")
        #expect(item?.metadata["partial_transcript"] == "My number")
    }

    @Test func `what was heard is told from what was typed`() {
        let typed: [TranscriptEvent] = [.itemAdded(.typed("t", "Hello"), after: .first)]
        let items = Replay.stored(spoken + answered + typed, isFinished: true).items
        #expect(items["u"]?.metadata["spoken"] == true)
        #expect(items["a"]?.metadata["spoken"] == true)
        #expect(items["t"]?.metadata["spoken"] == nil)
    }

    @Test func `a transcript that comes after the answer stands before it`() {
        let lines = Replay.stored(spoken + answered + [completed("Hello")], isFinished: true).lines
        #expect(lines == ["user: Hello", "assistant: Hi"])
    }

    @Test func `a transcript that comes after the next turn is of its own turn`() {
        let next: [TranscriptEvent] = [
            .speechCommitted(itemID: "v"), .itemAdded(.speech("v"), after: .item("a")),
            completed("Bye", "v"), completed("Hello"),
        ]
        let lines = Replay.stored(spoken + answered + next, isFinished: true).lines
        #expect(lines == ["user: Hello", "assistant: Hi", "user: Bye"])
    }

    @Test func `several turns may come before one answer`() {
        let lines = Replay.lines(
            .itemAdded(.speech("u"), after: .first),
            .itemAdded(.speech("v"), after: .item("u")),
            .itemAdded(.answer("a"), after: .item("v")),
            completed("two", "v"),
            .itemDone(.answer("a", "both"), after: .first),
            completed("one")
        )
        #expect(lines == ["user: one", "user: two", "assistant: both"])
    }

    @Test func `pieces of a transcript are no transcript, but kept`() {
        let item = replay(
            [.transcriptionDelta(TextSpan(itemID: "u"), "Hel")],
            isFinished: true
        )
        #expect(item?.content == "")
        #expect(item?.status == .completed)
        #expect(item?.transcriptionError == "none")
        #expect(item?.partialTranscript == "Hel")
        #expect(item?.metadata["transcription"] == "none")
    }

    @Test func `a growing transcript is replaced, not added up`() {
        let span = TextSpan(itemID: "u")
        let item = replay(
            [.transcriptionUpdated(span, "Hel"), .transcriptionUpdated(span, "Hello, my")],
            isFinished: true
        )
        #expect(item?.partialTranscript == "Hello, my")
    }

    @Test func `of repeated transcripts the final one counts, whichever comes last`() {
        let final = completed("Hello, Marcelo.")
        let first = completed("Hello", isFinal: false)
        for events in [[first, final], [final, first], [first, final, final]] {
            let item = replay(events)
            #expect(item?.content == "Hello, Marcelo.")
            #expect(item?.status == .completed)
        }
    }

    @Test func `a transcript that never became final counts`() {
        let item = replay([completed("Hello", isFinal: false)], isFinished: true)
        #expect(item?.content == "Hello")
        #expect(item?.transcriptionError == nil)
    }

    @Test func `a transcription that failed leaves the turn, and says why`() {
        let failed = TranscriptEvent.transcriptionFailed(
            TextSpan(itemID: "u"),
            code: "DeploymentNotFound"
        )
        let item = replay([failed])
        #expect(item?.content == "")
        #expect(item?.status == .completed)
        #expect(item?.transcriptionError == "DeploymentNotFound")
        let corrected = replay([failed, completed("Hello")])
        #expect(corrected?.content == "Hello")
        #expect(corrected?.transcriptionError == nil)
        #expect(replay([completed("Hello"), failed])?.transcriptionError == nil)
    }

    @Test func `speech without a transcript stays, with the reason none`() {
        let item = replay([], isFinished: true)
        #expect(item?.content == "")
        #expect(item?.status == .completed)
        #expect(item?.transcriptionError == "none")
    }

    @Test func `nothing is awaited where nothing is transcribed`() {
        var replay = Replay()
        replay.take(.transcriptionConfigured(false))
        for event in spoken { replay.take(event) }
        #expect(!replay.reducer.isWaitingForTranscriptions)
        #expect(replay.stored.items["u"]?.status == .completed)
        #expect(replay.stored.items["u"]?.transcriptionError == "none")
        replay.take(completed("Hello"))
        #expect(replay.stored.items["u"]?.content == "Hello")
        #expect(replay.stored.items["u"]?.transcriptionError == nil)
        replay.take(.itemAdded(.speech("v"), after: .item("u")))
        #expect(!replay.reducer.isWaitingForTranscriptions)
    }

    @Test func `an empty transcript is one`() {
        let item = replay([completed("")])
        #expect(item?.status == .completed)
        #expect(item?.transcriptionError == nil)
    }

    @Test func `speech that its provider never completes is complete once it is taken`() {
        let begun = ItemSnapshot(
            id: "u",
            role: .user,
            status: .inProgress,
            parts: [.init(.audio, "")]
        )
        let events: [TranscriptEvent] = [
            .itemAdded(begun, after: .unknown), .speechCommitted(itemID: "u"),
        ]
        #expect(Replay.stored(events, isFinished: true).items["u"]?.status == .completed)
        #expect(
            Replay.stored(Array(events.prefix(1)), isFinished: true).items["u"]?.status
                == .incomplete
        )
    }

    @Test func `a transcript whose item was never announced is kept`() {
        #expect(Replay.lines(completed("Hello")) == ["user: Hello"])
        #expect(Replay.lines(.speechCommitted(itemID: "u")) == ["user: "])
        #expect(Replay.lines(.speechStarted(itemID: "u")) == [])
    }

    @Test func `a transcript that overtakes its item is kept`() {
        let lines = Replay.lines(
            .transcriptionDelta(TextSpan(itemID: "u"), "Hel"),
            completed("Hello"),
            .itemAdded(.typed("t", "before"), after: .first),
            .itemAdded(.speech("u"), after: .item("t"))
        )
        #expect(lines == ["user: before", "user: Hello"])
    }

    @Test func `a draining connection knows what it waits for`() {
        var replay = Replay()
        #expect(!replay.reducer.isWaitingForTranscriptions)
        replay.take(.speechStarted(itemID: "u"))
        replay.take(.transcriptionDelta(TextSpan(itemID: "u"), "Hel"))
        #expect(!replay.reducer.isWaitingForTranscriptions)
        replay.take(.speechCommitted(itemID: "u"))
        #expect(replay.reducer.isWaitingForTranscriptions)
        replay.take(.itemAdded(.speech("u"), after: .first))
        replay.take(.itemAdded(.speech("v"), after: .item("u")))
        replay.take(.itemAdded(.speech("w"), after: .item("v")))
        replay.take(.itemAdded(.speech("x"), after: .item("w")))
        replay.take(completed("Hello"))
        replay.take(completed("Hello"))
        replay.take(.transcriptionFailed(TextSpan(itemID: "v"), code: "x"))
        replay.take(.itemDeleted(id: "w"))
        #expect(replay.reducer.isWaitingForTranscriptions)
        replay.finish()
        #expect(!replay.reducer.isWaitingForTranscriptions)
        replay.take(completed("late", "x"))
        #expect(replay.stored.items["x"]?.content == "late")
    }

    @Test func `an item told with its transcript needs no other`() {
        let item = replay([.itemRetrieved(.speech("u", "Hello"))])
        #expect(item?.content == "Hello")
        #expect(item?.status == .completed)
    }

    @Test func `how sure a transcript is, is kept`() {
        let span = TextSpan(itemID: "u")
        let sure = Transcription(span, "Hello", confidence: 0.75)
        #expect(replay([.transcriptionCompleted(sure)])?.metadata["confidence"] == 0.75)
    }

    @Test func `typed text beside speech is a line of its own`() {
        let mixed = ItemSnapshot(
            id: "m",
            role: .user,
            status: .completed,
            parts: [.init(.text, "Look:"), .init(.image), .init(.audio)]
        )
        let item = Replay.item(
            "m",
            .itemAdded(mixed, after: .first),
            .transcriptionCompleted(Transcription(TextSpan(itemID: "m", part: 2), "a dog"))
        )
        #expect(item?.content == "Look:\na dog")
        #expect(item?.contentKinds == [.text, .image, .audio])
    }
}
