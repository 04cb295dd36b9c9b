import JSON
import Testing
import Transcript

@Suite struct AnswerTests {
    private let begun: [TranscriptEvent] = [
        .itemAdded(.typed("u", "Hello"), after: .first),
        .responseCreated(ResponseSnapshot(id: "r")),
        .outputItemAdded(.answer("a"), responseID: "r"),
        .itemAdded(.answer("a"), after: .item("u")),
    ]

    private func replay(_ events: [TranscriptEvent], isFinished: Bool = false) -> TranscriptItem? {
        Replay.stored(begun + events, isFinished: isFinished).items["a"]
    }

    private func delta(_ text: String, part: Int = 0, startMs: Int? = nil) -> TranscriptEvent {
        .textDelta(TextSpan(itemID: "a", part: part, responseID: "r"), text, startMs: startMs)
    }

    private func done(_ text: String, part: Int = 0) -> TranscriptEvent {
        .textDone(TextSpan(itemID: "a", part: part, responseID: "r"), text)
    }

    private func ended(_ status: ResponseStatus, _ output: [ItemSnapshot] = []) -> TranscriptEvent {
        .responseDone(ResponseSnapshot(id: "r", status: status, output: output))
    }

    @Test func `an answer is stored in progress as soon as it is announced`() {
        let item = replay([])
        #expect(item?.status == .inProgress)
        #expect(item?.content == "")
        #expect(item?.responseID == "r")
    }

    @Test func `the final text takes the place of the pieces`() {
        let item = replay([delta("Hi "), delta("ther"), done("Hi there!")])
        #expect(item?.content == "Hi there!")
        #expect(item?.status == .inProgress)
    }

    @Test func `the finished item is right where it differs from the final text`() {
        let item = replay([done("Hi ther"), .itemDone(.answer("a", "Hi there!"), after: .first)])
        #expect(item?.content == "Hi there!")
        #expect(item?.status == .completed)
    }

    @Test func `late pieces and texts do not change a finished answer`() {
        let item = replay([
            .itemDone(.answer("a", "Hi there!"), after: .first), delta("Hi "), done("Hi"),
        ])
        #expect(item?.content == "Hi there!")
    }

    @Test func `an empty final text does not take away the pieces`() {
        #expect(replay([delta("Hi"), done("")])?.content == "Hi")
    }

    @Test func `an ending tells no more than it has`() {
        let bare = ItemSnapshot(id: "a", status: .inProgress)
        let item = replay([done("Hi"), .itemDone(bare, after: .first)])
        #expect(item?.role == .assistant)
        #expect(item?.status == .completed)
        let call = Replay.item(
            "f",
            .itemAdded(.call("f", "{}", .inProgress), after: .first),
            .itemDone(ItemSnapshot(id: "f"), after: .first)
        )
        #expect(call?.kind == .functionCall)
    }

    @Test func `an answer that is announced without a status is in progress`() {
        let bare = ItemSnapshot(id: "a", role: .assistant)
        let events: [TranscriptEvent] = [
            .responseCreated(ResponseSnapshot(id: "r")),
            .outputItemAdded(bare, responseID: "r"), .itemAdded(bare, after: .first),
        ]
        #expect(Replay.stored(events, isFinished: false).items["a"]?.status == .inProgress)
    }

    @Test func `pieces that come after the end of their response are late ones`() {
        #expect(replay([delta("Hi"), ended(.completed), delta("Hi")])?.content == "Hi")
    }

    @Test func `pieces count when nothing else comes`() {
        let item = replay([delta("Hi "), delta("there!"), ended(.completed)])
        #expect(item?.content == "Hi there!")
        #expect(item?.status == .completed)
    }

    @Test func `a finished item without a text keeps the pieces`() {
        let empty = ItemSnapshot(id: "a", role: .assistant, status: .completed)
        let item = replay([delta("Hi"), .outputItemDone(empty, responseID: "r")])
        #expect(item?.content == "Hi")
        #expect(item?.status == .completed)
    }

    @Test func `the response tells the text that no other event told`() {
        let item = replay([ended(.completed, [.answer("a", "Hi there!")])])
        #expect(item?.content == "Hi there!")
    }

    @Test(arguments: [ResponseStatus.cancelled, .failed, .incomplete])
    func `an answer whose response was cut is incomplete`(status: ResponseStatus) {
        let item = replay([delta("Hi "), ended(status)])
        #expect(item?.content == "Hi ")
        #expect(item?.status == .incomplete)
    }

    @Test func `an answer that was cut stays cut`() {
        let cut = ItemSnapshot.answer("a", "Hi", .incomplete)
        let item = replay([
            .itemDone(cut, after: .first), .itemAdded(.answer("a", "Hi"), after: .item("u")),
            ended(.completed, [.answer("a", "Hi")]),
        ])
        #expect(item?.status == .incomplete)
    }

    @Test func `an answer is cut where the connection ends`() {
        let item = replay([delta("Hi "), delta("th")], isFinished: true)
        #expect(item?.content == "Hi th")
        #expect(item?.status == .incomplete)
    }

    @Test func `an answer goes on after a connection that was resumed`() {
        var replay = Replay()
        for event in begun + [delta("Hi ")] { replay.take(event) }
        replay.finish()
        #expect(replay.stored.items["a"]?.status == .incomplete)
        _ = replay.actions(of: delta("there"), after: .seconds(1))
        #expect(replay.stored.items["a"]?.content == "Hi there")
        #expect(replay.stored.items["a"]?.status == .inProgress)
        replay.take(.itemDone(.answer("a", "Hi there!"), after: .first))
        #expect(replay.stored.items["a"]?.content == "Hi there!")
        #expect(replay.stored.items["a"]?.status == .completed)
        #expect(replay.stored.lines == ["user: Hello", "assistant: Hi there!"])
    }

    @Test func `the parts of an answer are its lines`() {
        let item = replay([delta("b", part: 1), delta("a"), done("one"), done("two", part: 1)])
        #expect(item?.content == "one\ntwo")
    }

    @Test func `commentary and final answer are two items, though interleaved`() {
        let events: [TranscriptEvent] = [
            .responseCreated(ResponseSnapshot(id: "r")),
            .itemAdded(.answer("c", phase: "commentary"), after: .first),
            .textDelta(TextSpan(itemID: "c"), "Let me ", startMs: nil),
            .itemAdded(.call("f", "", .inProgress), after: .item("c")),
            .argumentsDelta(itemID: "f", "{}"),
            .textDelta(TextSpan(itemID: "c"), "see.", startMs: nil),
            .itemDone(.answer("c", "Let me see."), after: .first),
            .itemDone(.call("f", "{}", .completed), after: .first),
            .itemAdded(.answer("d", phase: "final_answer"), after: .item("f")),
            .itemDone(.answer("d", "Done."), after: .first),
        ]
        let list = Replay.stored(events, isFinished: false).list
        #expect(list.map(\.storedText) == ["Let me see.", "{}", "Done."])
        #expect(list.map(\.phase) == ["commentary", nil, "final_answer"])
        #expect(list[0].metadata["phase"] == "commentary")
    }

    @Test func `an answer that only its response tells is stored when the response ends`() {
        let events: [TranscriptEvent] = [
            .responseCreated(ResponseSnapshot(id: "r")),
            .outputItemAdded(.answer("a"), responseID: "r"),
            delta("Hi"),
        ]
        #expect(Replay.stored(events, isFinished: false).lines == [])
        #expect(Replay.stored(events, isFinished: true).lines == ["assistant: Hi"])
        let ended = events + [ended(.completed, [.answer("a", "Hi!")])]
        #expect(Replay.stored(ended, isFinished: false).lines == ["assistant: Hi!"])
    }

    @Test func `pieces that overtake their item are not lost`() {
        let lines = Replay.lines(
            .textDelta(TextSpan(itemID: "a"), "Hi", startMs: nil),
            .itemAdded(.answer("a"), after: .first)
        )
        #expect(lines == ["assistant: Hi"])
    }

    @Test func `pieces of an item that nobody announces are nothing`() {
        #expect(Replay.lines(.textDelta(TextSpan(itemID: "a"), "Hi", startMs: nil)) == [])
    }
}
