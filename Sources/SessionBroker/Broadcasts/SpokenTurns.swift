internal import Captions
internal import JSON

/// Which turn a transcription session is in, and of which it still owes the text; by its own events,
/// as they come.
struct SpokenTurns: Sendable {
    /// So many turns that were told are remembered, as upstream may tell of them again.
    private static let rememberedTurns = 16

    /// Whether somebody is speaking, as far as it knows.
    private(set) var isInSpeech = false
    /// Up to when what it was sent is in turns that have ended.
    private(set) var endMs = nothingHeardMs
    private var owed: Set<String> = []
    private var told: [String] = []

    /// Whether it has told all turns that have ended.
    var isEmpty: Bool { owed.isEmpty }

    /// Takes note of an event.
    mutating func note(_ type: String, _ event: JSONValue, _ clock: AudioClock) {
        guard let item = event["item_id"]?.stringValue else { return }
        switch type {
        case "input_audio_buffer.speech_started": isInSpeech = true
        case "input_audio_buffer.speech_stopped":
            let ms = event["audio_end_ms"]?.integerValue ?? clock.audioMs
            end(item, atMs: clock.time(ofAudioMs: ms))
        case "input_audio_buffer.committed":
            // Of a turn that was committed without a pause nothing else tells the end.
            let ms = event["audio_end_ms"]?.integerValue ?? clock.audioMs
            end(item, atMs: owed.contains(item) ? endMs : clock.time(ofAudioMs: ms))
        case SpokenCaptions.prefix + "completed", SpokenCaptions.prefix + "failed":
            owed.remove(item)
            told.append(item)
            if told.count > Self.rememberedTurns { told.removeFirst() }
        default: break
        }
    }

    private mutating func end(_ item: String, atMs timeMs: Int64) {
        guard !told.contains(item) else { return }
        isInSpeech = false
        endMs = max(endMs, timeMs)
        owed.insert(item)
    }
}
