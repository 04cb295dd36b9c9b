import JSON
import Testing
import Transcript

@Suite struct BoundsTests {
    private let begun: [TranscriptEvent] = [
        .itemAdded(.speech("u"), after: .first), .speechStopped(itemID: "u"),
        .responseCreated(ResponseSnapshot(id: "r")),
        .outputItemAdded(.answer("a"), responseID: "r"),
        .itemAdded(.answer("a"), after: .item("u")),
    ]

    private func delta(_ text: String) -> TranscriptEvent {
        .textDelta(TextSpan(itemID: "a", responseID: "r"), text, startMs: nil)
    }

    @Test func `a growing answer is stored once a second at most`() {
        var replay = Replay()
        for event in begun { replay.take(event) }
        #expect(replay.actions(of: delta("a"), after: .milliseconds(500)) == [])
        #expect(replay.reducer.nextCheckpointAt == replay.now + .milliseconds(500))
        let actions = replay.actions(of: delta("b"), after: .milliseconds(500))
        guard case .checkpoint(let item)? = actions.first else {
            Issue.record("no checkpoint in \(actions)")
            return
        }
        #expect(item.content == "ab")
        #expect(item.status == .inProgress)
        #expect(replay.actions(of: delta("c"), after: .milliseconds(999)) == [])
        #expect(replay.actions(of: delta("d"), after: .milliseconds(1)).count == 1)
        #expect(replay.reducer.nextCheckpointAt == nil)
    }

    @Test func `an answer that pauses is stored when its second is over`() {
        var replay = Replay()
        for event in begun + [delta("a")] { replay.take(event) }
        #expect(replay.actions(of: .timePassed) == [])
        #expect(replay.actions(of: .timePassed, after: .seconds(1)).count == 1)
        #expect(replay.stored.items["a"]?.content == "a")
        #expect(replay.actions(of: .timePassed, after: .seconds(1)) == [])
    }

    @Test func `what the store has is not stored again`() {
        var replay = Replay()
        let ended: [TranscriptEvent] = [
            .itemDone(.answer("a", "Hi"), after: .first),
            .outputItemDone(.answer("a", "Hi"), responseID: "r"),
            .transcriptionCompleted(Transcription(TextSpan(itemID: "u"), "Hello")),
        ]
        for event in begun + ended { replay.take(event) }
        let writes = replay.stored.writes
        for event in begun + [delta("H")] + ended { replay.take(event) }
        replay.finish()
        #expect(replay.stored.writes == writes)
    }

    @Test func `the predecessor that the store knows is not told anew when it is deleted`() {
        var replay = Replay()
        for event in begun { replay.take(event) }
        replay.take(.itemDeleted(id: "u"))
        #expect(replay.actions(of: .itemAdded(.answer("a"), after: .item("u"))) == [])
    }

    @Test func `usage is counted once for each response and each transcript`() {
        var usage = TokenUsage()
        usage.total = 5
        let done = TranscriptEvent.responseDone(
            ResponseSnapshot(id: "r", status: .cancelled, usage: usage)
        )
        let text = TranscriptEvent.transcriptionCompleted(
            Transcription(TextSpan(itemID: "u"), "Hello", usage: usage)
        )
        let stored = Replay.stored(begun + [done, done, text, text], isFinished: true)
        #expect(
            stored.usages == [
                TranscriptUsage(source: .response(id: "r", .cancelled), usage: usage),
                TranscriptUsage(source: .transcription(itemID: "u"), usage: usage),
            ]
        )
    }

    @Test func `the first audio tells how long the user waited since the end of the turn`() {
        var replay = Replay()
        for event in begun { replay.take(event) }
        #expect(replay.reducer.isWaitingForOutputAudio)
        _ = replay.actions(
            of: .outputAudio(itemID: nil, milliseconds: 0),
            after: .milliseconds(470)
        )
        #expect(!replay.reducer.isWaitingForOutputAudio)
        _ = replay.actions(of: .outputAudio(itemID: "a", milliseconds: 0), after: .seconds(5))
        replay.take(.itemDone(.answer("a", "Hi"), after: .first))
        // Three events of ten milliseconds lie between the end of speech and the answer's item.
        #expect(replay.stored.items["a"]?.timeToFirstAudioMs == 500)
        #expect(replay.stored.items["a"]?.metadata["time_to_first_audio_ms"] == 500)
    }

    @Test func `neither a repeated response nor one out of band restarts the clock`() {
        var replay = Replay()
        for event in begun { replay.take(event) }
        replay.take(.outputAudio(itemID: nil, milliseconds: 0))
        replay.take(.responseCreated(ResponseSnapshot(id: "r")))
        replay.take(.outputAudio(itemID: nil, milliseconds: 0))
        replay.take(.responseCreated(ResponseSnapshot(id: "o", conversation: .none)))
        #expect(!replay.reducer.isWaitingForOutputAudio)
        replay.finish()
        #expect(replay.stored.items["a"]?.timeToFirstAudioMs == 40)
    }

    @Test func `the end of a connection stops the clock`() {
        var replay = Replay()
        for event in begun { replay.take(event) }
        replay.finish()
        #expect(!replay.reducer.isWaitingForOutputAudio)
        replay.take(.speechStopped(itemID: "v"))
        replay.finish()
        replay.take(.responseCreated(ResponseSnapshot(id: "s")))
        replay.take(.outputItemAdded(.answer("b"), responseID: "s"))
        replay.take(.itemAdded(.answer("b"), after: .item("a")))
        replay.take(.outputAudio(itemID: "b", milliseconds: 0))
        replay.finish()
        #expect(replay.stored.items["b"]?.timeToFirstAudioMs == 30)
    }

    @Test func `a request or the response itself starts the clock where nobody spoke`() {
        for (event, expected) in [(TranscriptEvent.responseRequested, 120), (.timePassed, 110)] {
            var replay = Replay()
            replay.take(event)
            replay.take(.responseCreated(ResponseSnapshot(id: "r")))
            replay.take(.itemAdded(.answer("a"), after: .first))
            replay.take(.outputItemAdded(.answer("a"), responseID: "r"))
            let wait = Duration.milliseconds(90)
            _ = replay.actions(of: .outputAudio(itemID: "a", milliseconds: 0), after: wait)
            replay.finish()
            #expect(replay.stored.items["a"]?.timeToFirstAudioMs == expected)
        }
    }

    @Test func `a turn that ends after its response began starts the clock, too`() {
        var replay = Replay()
        replay.take(.responseCreated(ResponseSnapshot(id: "r")))
        replay.take(.outputItemAdded(.answer("a"), responseID: "r"))
        replay.take(.itemAdded(.answer("a"), after: .first))
        replay.take(.speechStopped(itemID: "u"))
        replay.take(.outputAudio(itemID: nil, milliseconds: 0))
        replay.finish()
        #expect(replay.stored.items["a"]?.timeToFirstAudioMs == 10)
    }

    @Test func `old items are forgotten, and recent ones still get their transcripts`() {
        var replay = Replay()
        for index in 0..<10_000 {
            replay.take(.itemAdded(.speech("u\(index)"), after: .unknown))
            replay.take(.responseCreated(ResponseSnapshot(id: "r\(index)")))
            replay.take(.itemAdded(.answer("a\(index)"), after: .item("u\(index)")))
            replay.take(.itemDone(.answer("a\(index)", "text"), after: .first))
            replay.take(.responseDone(ResponseSnapshot(id: "r\(index)", status: .completed)))
        }
        #expect(replay.reducer.itemCount == 4_096)
        for index in [7_953, 9_000, 9_999] {
            let transcription = Transcription(TextSpan(itemID: "u\(index)"), "late")
            replay.take(.transcriptionCompleted(transcription))
            #expect(replay.stored.items["u\(index)"]?.content == "late")
        }
        #expect(replay.stored.ids.count == 20_000)
        // What was forgotten while its transcript was awaited was closed.
        #expect(replay.stored.items["u0"]?.transcriptionError == "none")
    }

    @Test func `items whose text was given up are not damaged by what comes late`() {
        var limits = TranscriptReducer.Limits()
        limits.itemsWithText = 1
        var replay = Replay(reducer: TranscriptReducer(limits: limits))
        let transcript = Transcription(TextSpan(itemID: "u"), "Hello")
        replay.take(.itemAdded(.speech("u"), after: .first))
        replay.take(.transcriptionCompleted(transcript))
        for id in ["a", "b"] {
            replay.take(.itemAdded(.answer(id), after: .item("u")))
            replay.take(.itemDone(.answer(id, "Hi"), after: .first))
        }
        replay.take(.itemAdded(.speech("u"), after: .first))
        replay.take(.transcriptionCompleted(Transcription(TextSpan(itemID: "u"), "")))
        replay.take(.itemTruncated(id: "a", audioEndMs: 10))
        #expect(replay.stored.items["u"]?.content == "Hello")
        #expect(replay.stored.items["a"]?.content == "Hi")
        replay.take(.itemDeleted(id: "a"))
        #expect(replay.stored.ids.contains("a") == false)
    }

    @Test func `speech whose transcript failed may still get one, however many items follow`() {
        var limits = TranscriptReducer.Limits()
        limits.itemsWithText = 1
        var replay = Replay(reducer: TranscriptReducer(limits: limits))
        replay.take(.itemAdded(.speech("u"), after: .first))
        replay.take(.transcriptionFailed(TextSpan(itemID: "u"), code: "busy"))
        for id in ["a", "b", "c"] { replay.take(.itemAdded(.answer(id, "Hi"), after: .unknown)) }
        replay.take(.transcriptionCompleted(Transcription(TextSpan(itemID: "u"), "Hello")))
        #expect(replay.stored.items["u"]?.content == "Hello")
    }

    @Test func `an item that is larger than all bounds is stored whole`() {
        var limits = TranscriptReducer.Limits()
        limits.textBytes = 1
        limits.itemsWithText = 0
        var replay = Replay(reducer: TranscriptReducer(limits: limits))
        replay.take(.itemAdded(.typed("u", "Hello"), after: .first))
        replay.take(.itemAdded(.answer("a"), after: .item("u")))
        replay.take(.itemDone(.answer("a", "Hi there"), after: .first))
        #expect(replay.stored.lines == ["user: Hello", "assistant: Hi there"])
    }

    @Test func `text of finished items has a bound`() {
        var limits = TranscriptReducer.Limits()
        limits.textBytes = 100
        var replay = Replay(reducer: TranscriptReducer(limits: limits))
        for id in ["a", "b"] {
            replay.take(.itemAdded(.answer(id), after: .unknown))
            replay.take(
                .itemDone(.answer(id, String(repeating: "x", count: 60)), after: .unknown)
            )
        }
        let late = ["a", "b"].map {
            replay.actions(of: .itemTruncated(id: $0, audioEndMs: 1)).count
        }
        #expect(late == [0, 1])
    }
}
