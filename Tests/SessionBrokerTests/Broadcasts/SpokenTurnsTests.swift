import Captions
import JSON
import Testing

@testable import SessionBroker

struct SpokenTurnsTests {
    private var clock: AudioClock {
        var clock = AudioClock()
        clock.append(byteCount: 48 * 2_000, atMs: 10_000)
        return clock
    }

    /// What is known behind events of one turn; each pause is at 900 ms of the session's audio.
    private func turns(_ types: [String]) -> SpokenTurns {
        var turns = SpokenTurns()
        for type in types {
            var event: JSONObject = ["item_id": "item_1"]
            if type == stopped { event["audio_end_ms"] = 900 }
            turns.note(type, .object(event), clock)
        }
        return turns
    }

    private let started = "input_audio_buffer.speech_started"
    private let stopped = "input_audio_buffer.speech_stopped"
    private let committed = "input_audio_buffer.committed"
    private let completed = SpokenCaptions.prefix + "completed"

    @Test func `a turn is owed from the pause behind it on`() {
        #expect(turns([started]).isInSpeech)
        let paused = turns([started, stopped])
        #expect(!paused.isInSpeech && !paused.isEmpty)
        #expect(paused.endMs == 10_900)
    }

    @Test func `it is owed until its text is told, and not again`() {
        let whole = [started, stopped, committed]
        #expect(!turns(whole).isEmpty)
        #expect(turns(whole).endMs == 10_900)
        #expect(turns(whole + [completed]).isEmpty)
        #expect(turns(whole + [completed, committed]).isEmpty)
    }

    @Test func `what is committed without a pause ends with the audio`() {
        #expect(turns([started, committed]).endMs == 12_000)
    }
}
