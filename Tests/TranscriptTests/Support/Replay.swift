import JSON
import Transcript

/// A connection that is played into a reducer, a frame every ten milliseconds.
struct Replay {
    var reader = RealtimeEventReader()
    var reducer = TranscriptReducer()
    var stored = StoredTranscript()
    var now = Duration.zero

    mutating func play(_ frames: some Sequence<Recording.Frame>) {
        for frame in frames { play(frame.event, from: frame.side) }
    }

    mutating func play(_ event: JSONValue, from side: RealtimeEventReader.Side = .server) {
        for event in reader.read(event, from: side) { take(event) }
    }

    mutating func take(_ event: TranscriptEvent) {
        now += .milliseconds(10)
        stored.perform(reducer.reduce(event, at: now))
    }

    mutating func finish() {
        stored.perform(reducer.finish(at: now))
    }
}
