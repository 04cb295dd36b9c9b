internal import JSON

/// What a session wants done; its connection does it, in order.
enum SessionAction: Sendable, Equatable {
    /// A server event goes to the client.
    case send(JSONObject)
    /// Speech is to be made; its audio comes back by `speechIsReady`.
    case speak(SpeechRequest)
    /// The connection is closed.
    case close(code: UInt16, reason: String)
    /// The connection is cut, without a close frame.
    case drop
}

/// A text to be spoken.
struct SpeechRequest: Sendable, Hashable {
    let text: String
    let voice: String
    let speed: Double
    let format: AudioFormat
    /// Which response waits for it.
    let responseID: String
}
