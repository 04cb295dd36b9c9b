import JSON
import Testing
import Transcript

/// What must be true of any session, tried on recorded ones.
@Suite struct RecordingPropertyTests {
    /// One item as far as timing does not matter.
    private struct Line: Equatable {
        let id: String
        let content: String
        let status: TranscriptItem.Status
        let call: TranscriptItem.Call
        let reason: String?

        init(_ item: TranscriptItem) {
            id = item.id
            content = item.content
            status = item.status
            call = item.call
            reason = item.transcriptionError
        }
    }

    private func lines(_ frames: [Recording.Frame]) -> [Line] {
        var replay = Replay()
        replay.play(frames)
        replay.finish()
        return replay.stored.list.map(Line.init)
    }

    @Test(arguments: Recording.all)
    func `a session that breaks off anywhere leaves a beginning of its transcript`(
        recording: Recording
    ) {
        for (frames, expected) in zip(recording.connections, recording.expected) {
            let whole = expected.compactMap { $0["item_id"]?.stringValue }
            var replay = Replay()
            for frame in frames {
                replay.play(CollectionOfOne(frame))
                var broken = replay
                broken.finish()
                let ids = broken.stored.ids
                #expect(Set(ids).count == ids.count)
                #expect(ids == whole.filter(ids.contains))
                #expect(broken.stored.list.allSatisfy { $0.status != .inProgress })
                #expect(!broken.reducer.isWaitingForTranscriptions)
            }
        }
    }

    @Test(arguments: Recording.all)
    func `events that come twice change nothing`(recording: Recording) {
        for frames in recording.connections {
            let once = lines(frames)
            #expect(lines(frames.flatMap { [$0, $0] }) == once)
            #expect(lines(frames + frames) == once)
        }
    }

    @Test(arguments: Recording.all)
    func `events that are delivered again at any time change nothing`(recording: Recording) {
        var random = SeededGenerator(seed: 11)
        for frames in recording.connections {
            let once = lines(frames)
            for _ in 0..<20 {
                var again = frames
                for _ in 0..<5 where !frames.isEmpty {
                    let index = Int.random(in: 0..<frames.count, using: &random)
                    let place = Int.random(in: index..<frames.count, using: &random)
                    // Counted from the end, so that earlier insertions do not matter.
                    again.insert(frames[index], at: again.count - (frames.count - 1 - place))
                }
                #expect(lines(again) == once)
            }
        }
    }

    @Test(arguments: Recording.all)
    func `transcripts may come in any order, after everything else`(recording: Recording) {
        var random = SeededGenerator(seed: 5)
        for frames in recording.connections {
            let once = lines(frames)
            let isTranscript = { (frame: Recording.Frame) in
                frame.event["type"]?.stringValue?.hasSuffix("transcription.completed") == true
            }
            for _ in 0..<10 {
                let late = frames.filter(isTranscript).shuffled(using: &random)
                #expect(lines(frames.filter { !isTranscript($0) } + late) == once)
            }
        }
    }

    @Test(arguments: Recording.all)
    func `what the transcript does not need can be left undecoded`(recording: Recording) {
        for frames in recording.connections {
            let needed = frames.filter {
                RealtimeEventReader.isNeeded(type: $0.event["type"]?.stringValue ?? "")
            }
            #expect(lines(needed) == lines(frames))
            #expect(!needed.contains { $0.event["delta"]?.stringValue?.count ?? 0 > 40_000 })
        }
    }

    @Test(arguments: Recording.all)
    func `damaged events never trap`(recording: Recording) {
        var random = SeededGenerator(seed: 3)
        for frames in recording.connections {
            for _ in 0..<5 {
                var replay = Replay()
                for frame in frames {
                    let event = frame.event.damaged(using: &random)
                    replay.play(event, from: frame.side)
                }
                replay.finish()
                #expect(Set(replay.stored.ids).count == replay.stored.ids.count)
            }
        }
    }
}
