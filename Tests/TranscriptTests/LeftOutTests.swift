import Testing
import Transcript

@Suite struct LeftOutTests {
    private let nudge = "No user speech was detected for a while."

    private func completed(_ text: String) -> TranscriptEvent {
        .transcriptionCompleted(Transcription(TextSpan(itemID: "n"), text))
    }

    /// The events of the reference's section 9.10.
    private var idle: [TranscriptEvent] {
        [
            .itemAdded(.answer("a", "Hi"), after: .first),
            .idleTimeout(itemID: "n"),
            .itemAdded(.system("s", nudge), after: .item("a")),
            .itemDone(.system("s", nudge), after: .item("a")),
            .speechCommitted(itemID: "n"),
            .itemAdded(.speech("n"), after: .item("s")),
            .itemDone(.speech("n"), after: .first),
            .itemAdded(.answer("b", "Still there?"), after: .item("n")),
        ]
    }

    @Test func `what a provider writes when nobody speaks is left out`() {
        let stored = Replay.stored(idle + [completed("")], isFinished: true)
        #expect(stored.lines == ["assistant: Hi", "assistant: Still there?"])
        #expect(stored.items["b"]?.predecessor == .item("a"))
    }

    @Test func `the artefacts of silence stay out when they are told again`() {
        let again = idle.filter { if case .idleTimeout = $0 { false } else { true } }
        let stored = Replay.stored(idle + again + [completed(""), completed("")], isFinished: true)
        #expect(stored.lines == ["assistant: Hi", "assistant: Still there?"])
    }

    @Test func `somebody who spoke too softly is heard after all`() {
        let stored = Replay.stored(idle + [completed("psst")], isFinished: false)
        #expect(stored.lines == ["assistant: Hi", "user: psst", "assistant: Still there?"])
    }

    @Test func `a timeout that is told late takes its artefacts back`() {
        let late: [TranscriptEvent] = [
            .itemAdded(.answer("a", "Hi"), after: .first),
            .itemAdded(.system("s", nudge), after: .item("a")),
            .itemAdded(.speech("n"), after: .item("s")),
            .idleTimeout(itemID: "n"),
        ]
        #expect(Replay.stored(late, isFinished: true).lines == ["assistant: Hi"])
    }

    @Test func `a client's own system message stays`() {
        let lines = Replay.lines(
            .idleTimeout(itemID: "n"),
            .clientCreatedItem(id: nil, text: "Be brief."),
            .clientCreatedItem(id: "mine", text: nudge),
            .itemAdded(.system("x", "Be brief."), after: .first),
            .itemAdded(.system("mine", nudge), after: .item("x"))
        )
        #expect(lines == ["system: Be brief.", "system: \(nudge)"])
    }

    @Test func `a system message that is not the one before the empty item stays`() {
        let lines = Replay.lines(
            .idleTimeout(itemID: "n"),
            .itemAdded(.system("x", "Be brief."), after: .first),
            .itemAdded(.system("s", nudge), after: .item("x")),
            .itemAdded(.speech("n"), after: .item("s")),
            .itemAdded(.system("y", "Be kind."), after: .item("n"))
        )
        #expect(lines == ["system: Be brief.", "system: Be kind."])
    }

    @Test func `of several system messages in a silence that nothing ends, the first is left out`()
    {
        let silence: [TranscriptEvent] = [
            .idleTimeout(itemID: "n"), .itemAdded(.system("s", nudge), after: .first),
            .itemAdded(.system("x", "Be brief."), after: .item("s")),
        ]
        #expect(Replay.stored(silence, isFinished: true).lines == ["system: Be brief."])
        let answered = silence + [.responseCreated(ResponseSnapshot(id: "r"))]
        #expect(Replay.stored(answered, isFinished: false).lines == ["system: Be brief."])
        let unplaced = silence + [.itemAdded(.speech("n"), after: .unknown)]
        #expect(Replay.stored(unplaced, isFinished: false).lines == ["system: Be brief."])
        let next = answered + [.itemAdded(.system("y", "Be kind."), after: .item("x"))]
        #expect(Replay.stored(next, isFinished: false).lines.last == "system: Be kind.")
    }

    @Test func `a system message of before stays when it is told again in a timeout`() {
        let lines = Replay.lines(
            .itemAdded(.system("x", "Be brief."), after: .first),
            .idleTimeout(itemID: "n"),
            .itemAdded(.system("x", "Be brief."), after: .first),
            .itemTruncated(id: "x", audioEndMs: 1),
            .itemAdded(.typed("u", "Hi"), after: .item("x"))
        )
        #expect(lines == ["system: Be brief.", "user: Hi"])
    }

    @Test func `a system message without a timeout stays`() {
        #expect(
            Replay.lines(.itemAdded(.system("s", nudge), after: .first)) == ["system: \(nudge)"]
        )
    }

    @Test func `a deleted item goes, and does not come back`() {
        let stored = Replay.stored(
            [
                .itemAdded(.speech("u"), after: .first),
                .itemDeleted(id: "u"),
                .transcriptionCompleted(Transcription(TextSpan(itemID: "u"), "Hello")),
                .itemAdded(.speech("u", "Hello"), after: .first),
                .itemDeleted(id: "u"),
                .itemDeleted(id: "x"),
                .itemAdded(.typed("x", "Hello"), after: .first),
            ],
            isFinished: true
        )
        #expect(stored.lines == [])
    }

    @Test func `an out-of-band response is left out, but paid for`() {
        var usage = TokenUsage()
        usage.total = 7
        let band = ResponseSnapshot(id: "o", conversation: .none)
        let ended = ResponseSnapshot(
            id: "o",
            status: .completed,
            conversation: .none,
            output: [.answer("b", "mood: good")],
            usage: usage
        )
        let stored = Replay.stored(
            [
                .responseCreated(ResponseSnapshot(id: "r")),
                .itemAdded(.answer("a"), after: .first),
                .responseCreated(band),
                .outputItemAdded(.answer("b"), responseID: "o"),
                .textDelta(TextSpan(itemID: "b", responseID: "o"), "mood", startMs: nil),
                .textDone(TextSpan(itemID: "b", responseID: "o"), "mood: good"),
                .outputItemDone(.answer("b", "mood: good"), responseID: "o"),
                .responseDone(ended),
                .textDone(TextSpan(itemID: "a", responseID: "r"), "Hi"),
            ],
            isFinished: true
        )
        #expect(stored.lines == ["assistant: Hi"])
        #expect(stored.usages.map(\.usage.total) == [7])
    }

    @Test func `an out-of-band response that breaks off is left out`() {
        let lines = Replay.lines(
            .responseCreated(ResponseSnapshot(id: "o", conversation: .none)),
            .outputItemAdded(.answer("b"), responseID: "o"),
            .textDelta(TextSpan(itemID: "b", responseID: "o"), "mood", startMs: nil)
        )
        #expect(lines == [])
    }

    @Test func `a transcript of a deleted item is paid for`() {
        var usage = TokenUsage()
        usage.seconds = 3
        let stored = Replay.stored(
            [
                .itemAdded(.speech("u"), after: .first), .itemDeleted(id: "u"),
                .transcriptionCompleted(
                    Transcription(TextSpan(itemID: "u"), "Hello", usage: usage)
                ),
            ],
            isFinished: true
        )
        #expect(stored.usages.map(\.usage.seconds) == [3])
        #expect(stored.lines == [])
    }

    @Test func `an out-of-band response that shows only at its end is left out`() {
        let ended = ResponseSnapshot(
            id: "o",
            status: .completed,
            conversation: .none,
            output: [.answer("b", "mood: good")]
        )
        let announced: [TranscriptEvent] = [
            .itemAdded(.answer("b"), after: .unknown), .responseDone(ended),
            .itemAdded(.answer("b", "mood: good"), after: .unknown),
        ]
        #expect(Replay.stored(announced, isFinished: true).lines == [])
        #expect(Replay.lines(.responseDone(ended)) == [])
        let begun = TranscriptEvent.responseCreated(ResponseSnapshot(id: "o"))
        #expect(Replay.lines(begun, .responseDone(ended)) == [])
    }

    @Test func `what another process stored is deleted, too`() {
        var reducer = TranscriptReducer()
        #expect(reducer.reduce(.itemDeleted(id: "x"), at: .zero) == [.delete(id: "x")])
    }
}
