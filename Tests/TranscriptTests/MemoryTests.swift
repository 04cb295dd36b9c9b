import Testing

@testable import Transcript

/// What is kept inside, which no action shows.
@Suite struct MemoryTests {
    @Test func `a set forgets the oldest keys beyond its bound`() {
        var set = RecentSet(limit: 100)
        let isNew = (0..<1_000).map { set.insert("\($0)") }
        #expect(isNew.allSatisfy { $0 })
        #expect(!set.contains("899"))
        #expect((900..<1_000).allSatisfy { set.contains("\($0)") })
        let isNewAgain = set.insert("950")
        #expect(!isNewAgain)
    }

    @Test func `responses have a bound`() {
        var reducer = TranscriptReducer()
        for index in 0..<1_000 {
            let response = ResponseSnapshot(id: "\(index)")
            _ = reducer.reduce(.responseCreated(response), at: .zero)
        }
        #expect(reducer.responses.count == reducer.limits.responses)
    }

    @Test func `text of what is left out is not kept`() {
        var reducer = TranscriptReducer()
        let span = TextSpan(itemID: "a", responseID: "o")
        let events: [TranscriptEvent] = [
            .responseCreated(ResponseSnapshot(id: "o", conversation: .none)),
            .outputItemAdded(.answer("a"), responseID: "o"),
            .textDelta(span, "text", startMs: nil), .textDone(span, "text"),
            .outputItemDone(.answer("a", "text"), responseID: "o"),
            .argumentsDelta(itemID: "a", "{"), .argumentsDone(itemID: "a", "{}", name: nil),
        ]
        for event in events { _ = reducer.reduce(event, at: .zero) }
        #expect(reducer.records["a"]?.parts.isEmpty == true)
        #expect(reducer.records["a"]?.arguments.text == "")
        #expect(reducer.open.isEmpty)
    }

    @Test func `text of what is deleted is not kept`() {
        var reducer = TranscriptReducer()
        _ = reducer.reduce(.itemAdded(.typed("u", "text"), after: .first), at: .zero)
        _ = reducer.reduce(.itemDeleted(id: "u"), at: .zero)
        #expect(reducer.records["u"]?.parts.isEmpty == true)
        _ = reducer.reduce(.itemAdded(.typed("u", "text"), after: .first), at: .zero)
        #expect(reducer.records["u"]?.parts.isEmpty == true)
    }

    @Test func `text of what nobody announced is not kept beyond its connection`() {
        var reducer = TranscriptReducer()
        _ = reducer.reduce(.textDelta(TextSpan(itemID: "a"), "text", startMs: nil), at: .zero)
        #expect(reducer.records["a"]?.parts.isEmpty == false)
        _ = reducer.finish(at: .zero)
        #expect(reducer.records["a"]?.parts.isEmpty == true)
    }

    @Test func `pieces are not kept beside the whole text`() {
        var text = GrowingText()
        text.append("Hel")
        text.finish("Hello")
        text.append("lo")
        #expect(text.streamed.isEmpty)
        #expect(text.text == "Hello")
    }

    @Test func `other ids of old items have a bound`() {
        var resumption = Resumption()
        for index in 0..<2_000 { resumption.recognise("new\(index)", as: "old\(index)") }
        #expect(resumption.original(of: "new0") == "new0")
        #expect(resumption.original(of: "new1999") == "old1999")
    }

    @Test func `text that was given up does not come back`() {
        var limits = TranscriptReducer.Limits()
        limits.itemsWithText = 0
        var reducer = TranscriptReducer(limits: limits)
        let span = TextSpan(itemID: "a")
        let events: [TranscriptEvent] = [
            .itemAdded(.answer("a", "text"), after: .first),
            .textDelta(span, "text", startMs: nil), .textDone(span, "text"),
            .itemDone(.answer("a", "text"), after: .first),
        ]
        for event in events { _ = reducer.reduce(event, at: .zero) }
        #expect(reducer.records["a"]?.parts.isEmpty == true)
        #expect(reducer.growing.isEmpty && reducer.open.isEmpty)
        #expect(reducer.finishedBytes == 0)
    }

    @Test func `an endless answer stops growing`() {
        var text = GrowingText()
        let piece = String(repeating: "x", count: 1 << 16)
        for _ in 0..<64 { text.append(piece) }
        #expect(text.text.utf8.count == GrowingText.streamedLimit)
    }
}
