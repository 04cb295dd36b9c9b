internal import JSON

/// Whether anybody was there to hear a call's greeting.
///
/// The greeting is spoken as soon as the sideband is there. The call's media may never flow, because
/// the browser's network lets no WebRTC through; upstream speaks all the same, but tells of no
/// `output_audio_buffer` (reference, 3.2).
struct CallGreeting: Sendable {
    private var isOpen = false
    /// What the model has said while nothing told of a listener.
    private(set) var unheardItems: [String] = []

    /// The model is asked to greet by voice.
    mutating func begin() {
        isOpen = true
    }

    /// Somebody is there, or may have been.
    mutating func end() {
        isOpen = false
        unheardItems = []
    }

    /// Takes in an event of upstream's.
    mutating func note(_ type: String, _ event: JSONValue) {
        guard isOpen else { return }
        switch type {
        case "output_audio_buffer.started", "input_audio_buffer.speech_started",
            "input_audio_buffer.committed":
            end()
        case "conversation.item.added":
            guard let id = event["item"]?["id"]?.stringValue else { return }
            switch event["item"]?["role"]?.stringValue {
            case "assistant": unheardItems.append(id)
            case "user": end()
            default: break
            }
        default: break
        }
    }
}
