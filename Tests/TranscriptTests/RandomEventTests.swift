import Testing
import Transcript

/// Any events in any order: nothing traps, and the actions make sense to a store.
@Suite struct RandomEventTests {
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `whatever comes, actions fit what is stored`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var limits = TranscriptReducer.Limits()
        limits.items = 12
        limits.itemsWithText = 4
        limits.responses = 3
        var reducer = TranscriptReducer(limits: limits)
        var stored: Set<String> = []
        var now = Duration.zero
        // Collected, because an expectation for each of so many events takes its time.
        var faults: [String] = []
        for count in 0..<5_000 {
            now += .milliseconds(Int.random(in: 0..<300, using: &random))
            let isEnd = Int.random(in: 0..<200, using: &random) == 0
            let event = isEnd ? nil : makeEvent(using: &random)
            let actions = event.map { reducer.reduce($0, at: now) } ?? reducer.finish(at: now)
            for action in actions {
                switch action {
                case .store(let item), .checkpoint(let item):
                    stored.insert(item.id)
                    if item.predecessor == .item(item.id) { faults.append("\(count) own place") }
                    if isEnd && item.status == .inProgress { faults.append("\(count) open") }
                case .delete(let id):
                    // Another process may have stored what is deleted upstream.
                    guard stored.remove(id) == nil, event != .itemDeleted(id: id) else { break }
                    faults.append("\(count) deletes \(id)")
                case .recordUsage: break
                }
            }
            if reducer.itemCount > limits.items { faults.append("\(count) too many") }
            if isEnd && reducer.isWaitingForTranscriptions { faults.append("\(count) waits") }
        }
        #expect(faults == [])
    }

    private func makeEvent(using random: inout SeededGenerator) -> TranscriptEvent {
        let id = "i\(Int.random(in: 0..<20, using: &random))"
        let response = "r\(Int.random(in: 0..<6, using: &random))"
        let text = ["", "one", "one two"].randomElement(using: &random) ?? ""
        let ms = Int.random(in: -10...2_000, using: &random)
        let part = Int.random(in: 0..<2, using: &random)
        let span = TextSpan(itemID: id, part: part, responseID: response)
        let item = makeItem(id, text, using: &random)
        let places: [ItemPredecessor] = [.unknown, .first, .item("i\(abs(ms) % 20)")]
        let place = places.randomElement(using: &random) ?? .unknown
        let snapshot = ResponseSnapshot(
            id: response,
            status: [nil, .completed, .cancelled, .failed].randomElement(using: &random) ?? nil,
            conversation: Int.random(in: 0..<5, using: &random) == 0 ? .none : .joined,
            output: [item]
        )
        let events: [TranscriptEvent] = [
            .itemAdded(item, after: place), .itemAdded(item, after: place),
            .itemReplayed(item, after: place), .itemDone(item, after: place),
            .itemRetrieved(item), .itemDeleted(id: id), .itemTruncated(id: id, audioEndMs: ms),
            .clientCreatedItem(id: id, text: text), .responseRequested,
            .responseCreated(snapshot), .responseDone(snapshot),
            .outputItemAdded(item, responseID: response), .textDelta(span, text, startMs: ms),
            .outputItemDone(item, responseID: response), .textDone(span, text),
            .argumentsDelta(itemID: id, text), .argumentsDone(itemID: id, text, name: nil),
            .callProgressed(itemID: id, .completed), .outputAudio(itemID: nil, milliseconds: ms),
            .outputAudio(itemID: id, milliseconds: ms),
            .outputAudioHeard(itemID: id, milliseconds: ms), .speechStarted(itemID: id),
            .speechStopped(itemID: id), .speechCommitted(itemID: id), .idleTimeout(itemID: id),
            .transcriptionConfigured(ms > 100), .transcriptionDelta(span, text),
            .transcriptionUpdated(span, text), .transcriptionFailed(span, code: "busy"),
            .transcriptionCompleted(Transcription(span, text, isFinal: ms > 500)), .timePassed,
        ]
        return events.randomElement(using: &random) ?? .timePassed
    }

    private func makeItem(
        _ id: String,
        _ text: String,
        using random: inout SeededGenerator
    ) -> ItemSnapshot {
        let items: [ItemSnapshot] = [
            .typed(id, text), .speech(id), .speech(id, text), .answer(id), .answer(id, text),
            .answer(id, text, .incomplete), .system(id, text), .call(id, text, .inProgress),
            .output(id, text), ItemSnapshot(id: id), ItemSnapshot(id: ""),
        ]
        return items.randomElement(using: &random) ?? .answer(id)
    }
}
