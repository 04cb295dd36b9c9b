import JSON
import Testing
import Transcript

@Suite struct ResumingTests {
    private func resumed(_ events: TranscriptEvent...) -> StoredTranscript {
        var replay = Replay()
        replay.take(.itemAdded(.typed("u", "Remember: cobalt."), after: .first))
        replay.take(.itemAdded(.answer("a"), after: .item("u")))
        replay.take(.itemDone(.answer("a", "Got it."), after: .first))
        replay.take(.itemAdded(.answer("b", "Got it."), after: .item("a")))
        replay.finish()
        for event in events { replay.take(event) }
        replay.finish()
        return replay.stored
    }

    private let old = ["user: Remember: cobalt.", "assistant: Got it.", "assistant: Got it."]

    @Test func `items that are announced again under their ids are the same items`() {
        let stored = resumed(
            .itemAdded(.typed("u", "Remember: cobalt."), after: .first),
            .itemAdded(.answer("a", "Got it."), after: .item("u"))
        )
        #expect(stored.lines == old)
        #expect(stored.writes == 4)
    }

    @Test func `items that are replayed under new ids are the old ones`() {
        let stored = resumed(
            .itemReplayed(.answer("x", "Got it."), after: .unknown),
            .itemReplayed(.answer("x", "Got it."), after: .unknown),
            .itemReplayed(.answer("y", "Got it."), after: .unknown),
            .itemDone(.answer("x", "Got it."), after: .first),
            .itemAdded(.typed("v", "What was it?"), after: .item("y"))
        )
        #expect(stored.lines == old + ["user: What was it?"])
        #expect(stored.items["v"]?.predecessor == .item("b"))
        #expect(stored.writes == 5)
    }

    @Test func `what happens to a replayed item happens to the old one`() {
        let replayed = TranscriptEvent.itemReplayed(.answer("x", "Got it."), after: .unknown)
        #expect(
            resumed(replayed, .itemTruncated(id: "x", audioEndMs: 7)).items["a"]?.audioEndMs == 7
        )
        #expect(resumed(replayed, .itemDeleted(id: "x")).ids == ["u", "b"])
    }

    @Test func `replayed items that nobody knows are kept`() {
        let stored = resumed(
            .itemReplayed(.answer("x", "Got it."), after: .unknown),
            .itemReplayed(.typed("y", "Got it."), after: .unknown),
            .itemReplayed(.answer("z", "Something else."), after: .unknown)
        )
        #expect(stored.lines == old + ["user: Got it.", "assistant: Something else."])
    }

    @Test func `each connection begins its replay anew`() {
        var replay = Replay()
        replay.take(.itemReplayed(.answer("a", "Got it."), after: .unknown))
        replay.take(.itemReplayed(.answer("b", "Got it."), after: .unknown))
        #expect(replay.stored.ids == ["a", "b"])
        for id in ["c", "d", "e"] {
            replay.finish()
            replay.take(.itemReplayed(.answer(id, "Got it."), after: .unknown))
        }
        #expect(replay.stored.ids == ["a", "b"])
    }

    @Test func `the same words said anew are a new item`() {
        #expect(resumed(.itemAdded(.answer("x", "Got it."), after: .item("b"))).ids.count == 4)
    }

    @Test func `a reader takes for replayed what a resuming provider tells unasked`() throws {
        func read(_ texts: [String], _ dialect: RealtimeEventReader.Dialect) throws
            -> [TranscriptEvent]
        {
            var reader = RealtimeEventReader(dialect: dialect)
            return try texts.flatMap { text in
                let side: RealtimeEventReader.Side = text.contains("create\"") ? .client : .server
                return reader.read(try JSONValue(parsing: text.utf8), from: side)
            }
        }
        let added = #"{"type":"conversation.item.added","item":{"id":"x","status":"completed"}}"#
        let open = #"{"type":"conversation.item.added","item":{"id":"x","status":"in_progress"}}"#
        let item = ItemSnapshot(id: "x", status: .completed)
        #expect(try read([added], .xAI) == [.itemReplayed(item, after: .unknown)])
        #expect(try read([added], .openAI) == [.itemAdded(item, after: .unknown)])
        #expect(
            try read([open], .xAI)
                == [.itemAdded(ItemSnapshot(id: "x", status: .inProgress), after: .unknown)]
        )
        for begun in [
            #"{"type":"conversation.item.create","item":{"id":"y"}}"#,
            #"{"type":"response.create"}"#,
            #"{"type":"response.created","response":{"id":"r"}}"#,
            #"{"type":"input_audio_buffer.speech_started","item_id":"u"}"#,
        ] {
            #expect(try read([begun, added], .xAI).last == .itemAdded(item, after: .unknown))
        }
    }

    @Test(arguments: Recording.all.filter { $0.connections.count != 1 })
    func `a recorded conversation that is resumed doubles nothing`(recording: Recording) {
        var replay = Replay()
        for frames in recording.connections {
            replay.reader = RealtimeEventReader()
            replay.play(frames)
            replay.finish()
        }
        let expected = recording.expected.flatMap { $0 }
        let texts = Set(expected.map { "\($0["role"]?.text ?? "") \($0["content"]?.text ?? "")" })
        #expect(replay.stored.ids.count == texts.count)
    }
}
