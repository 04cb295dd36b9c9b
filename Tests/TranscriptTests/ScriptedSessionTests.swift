import Testing
import Transcript

/// What must be true of any session, tried on one that has a bit of everything.
@Suite struct ScriptedSessionTests {
    private static let nudge = "No user speech was detected for a while."
    private static let spoken = TextSpan(itemID: "a", kind: .audio, responseID: "r")

    private static let script: [TranscriptEvent] = [
        .itemAdded(.system("s", "Be brief."), after: .first),
        .speechStarted(itemID: "u"), .speechStopped(itemID: "u"), .speechCommitted(itemID: "u"),
        .itemAdded(.speech("u"), after: .item("s")), .itemDone(.speech("u"), after: .item("s")),
        .speechCommitted(itemID: "v"), .itemAdded(.speech("v"), after: .item("u")),
        .responseCreated(ResponseSnapshot(id: "r")),
        .outputItemAdded(.answer("a"), responseID: "r"),
        .itemAdded(.answer("a"), after: .item("v")),
        .outputAudio(itemID: nil, milliseconds: 100),
        .textDelta(spoken, "Let me ", startMs: 0), .textDelta(spoken, "see.", startMs: 80),
        .outputItemAdded(.call("f", "", .inProgress), responseID: "r"),
        .itemAdded(.call("f", "", .inProgress), after: .item("a")),
        .argumentsDelta(itemID: "f", "{}"),
        .textDone(spoken, "Let me see."),
        .itemDone(.answer("a", "Let me see."), after: .first),
        .argumentsDone(itemID: "f", "{}", name: "weather"),
        .itemDone(.call("f", "{}", .completed), after: .first),
        .responseDone(ResponseSnapshot(id: "r", status: .completed)),
        .itemAdded(.output("o", "foggy"), after: .item("f")),
        .responseCreated(ResponseSnapshot(id: "q")),
        .outputItemAdded(.answer("b"), responseID: "q"),
        .itemAdded(.answer("b"), after: .item("o")),
        .textDelta(TextSpan(itemID: "b", responseID: "q"), "It is fog", startMs: nil),
        .responseDone(
            ResponseSnapshot(
                id: "q",
                status: .cancelled,
                output: [.answer("b", "It is", .incomplete)]
            )
        ),
        .itemAdded(.speech("w"), after: .item("b")),
        .itemTruncated(id: "b", audioEndMs: 0),
        .itemAdded(.typed("x", "Wrong."), after: .item("w")), .itemDeleted(id: "x"),
        .idleTimeout(itemID: "n"), .itemAdded(.system("m", nudge), after: .item("w")),
        .speechCommitted(itemID: "n"), .itemAdded(.speech("n"), after: .item("m")),
        .responseCreated(ResponseSnapshot(id: "i", conversation: .none)),
        .outputItemAdded(.answer("y"), responseID: "i"),
        .responseDone(
            ResponseSnapshot(id: "i", status: .completed, conversation: .none, output: [])
        ),
        .itemAdded(.answer("z", "Still there?"), after: .item("n")),
    ]

    private static let transcripts: [TranscriptEvent] = [
        .transcriptionCompleted(Transcription(TextSpan(itemID: "u"), "Hello.")),
        .transcriptionCompleted(Transcription(TextSpan(itemID: "v"), "Is it foggy?")),
        .transcriptionFailed(TextSpan(itemID: "w"), code: "busy"),
        .transcriptionCompleted(Transcription(TextSpan(itemID: "n"), "")),
    ]

    private static let lines = [
        "system: Be brief.", "user: Hello.", "user: Is it foggy?", "assistant: Let me see.",
        "-: {}", "-: foggy", "assistant: It is", "user: ", "assistant: Still there?",
    ]

    private func lines(_ events: [TranscriptEvent]) -> [String] {
        Replay.stored(events, isFinished: true).lines
    }

    @Test func `transcripts may come in any order, at any time after their turn`() {
        var random = SeededGenerator(seed: 23)
        #expect(lines(Self.script + Self.transcripts) == Self.lines)
        for _ in 0..<200 {
            var events = Self.script
            for transcript in Self.transcripts.shuffled(using: &random) {
                // The last turn that is waited for begins at the 36th event.
                let place = Int.random(in: 36...events.count, using: &random)
                events.insert(transcript, at: place)
            }
            #expect(lines(events) == Self.lines)
        }
    }

    @Test func `a session that breaks off anywhere leaves whole items in their order`() {
        let events = Self.script + Self.transcripts
        var replay = Replay()
        for event in events {
            replay.take(event)
            var broken = replay
            broken.finish()
            #expect(broken.stored.list.allSatisfy { $0.status != .inProgress })
            let order = ["s", "u", "v", "a", "f", "o", "b", "w", "x", "z"]
            #expect(broken.stored.ids == order.filter(broken.stored.ids.contains))
        }
    }

    /// Pieces of text are left out: a reader keeps them from being read twice.
    @Test func `events that come again change nothing`() {
        var random = SeededGenerator(seed: 29)
        let events = Self.script + Self.transcripts
        let repeatable = events.indices.filter { index in
            switch events[index] {
            case .textDelta, .argumentsDelta: false
            default: true
            }
        }
        for _ in 0..<500 {
            guard let index = repeatable.randomElement(using: &random) else { return }
            var again = events
            again.insert(events[index], at: Int.random(in: index...events.count, using: &random))
            #expect(lines(again) == Self.lines)
        }
        #expect(lines(events + events) == Self.lines)
    }
}
