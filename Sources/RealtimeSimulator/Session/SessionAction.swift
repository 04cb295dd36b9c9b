internal import JSON

/// What a session wants done; its connection does it, in order.
enum SessionAction: Sendable, Equatable {
    /// A server event goes to the client, or to everybody at a call.
    case send(JSONObject)
    /// A server event goes to the data channel of a call alone.
    case greet(JSONObject)
    /// Speech goes to the media of a call, as PCM.
    case play([UInt8])
    /// Speech is to be made; its audio comes back by `speechIsReady`.
    case speak(SpeechRequest)
    /// The call is over, as if somebody hung up.
    case hangUp
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
    /// For which of its output items.
    let outputIndex: Int
}
