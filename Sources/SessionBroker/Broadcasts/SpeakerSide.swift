internal import ContextStore
internal import JSON
internal import WebServer

/// The speaker's end of a broadcast.
///
/// `@unchecked Sendable` because all state is touched by the loop's thread only.
final class SpeakerSide: WebSocketHandler, @unchecked Sendable {
    /// The largest message: more than 20 seconds of audio.
    static let messageLimitBytes = 1_024 * 1_024
    /// With this much waiting for the speaker, it is let go.
    static let waitingLimitBytes = 256 * 1_024

    private let broadcasts: Broadcasts
    private let owned: OwnedBroadcast
    private let resampler: Resampler
    private var live: LiveBroadcast?
    private(set) var connection: WebSocketConnection?
    /// Whether what it says is heard.
    var isSpeaking = false

    init(_ broadcasts: Broadcasts, _ owned: OwnedBroadcast, _ resampler: Resampler) {
        self.broadcasts = broadcasts
        self.owned = owned
        self.resampler = resampler
    }

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        connection.pauseReading()
        broadcasts.withLive(owned) { [self] live in
            guard let live else {
                connection.loop.execute {
                    self.close(.internalError, "the broadcast cannot be read")
                }
                return
            }
            self.live = live
            guard self.connection != nil else { return }
            live.arrive(self)
        }
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        switch message {
        case .binary(let bytes): hear(bytes)
        case .text(let bytes): received(bytes)
        }
    }

    private func received(_ bytes: [UInt8]) {
        guard let event = try? JSONValue(parsing: bytes),
            event["type"] == "input_audio_buffer.append",
            let audio = event["audio"]?.stringValue, let pcm = Base64.decode(audio)
        else {
            return send(
                .error(
                    "invalid_event",
                    "Send 'input_audio_buffer.append' with 'audio' in Base64, or binary PCM."
                )
            )
        }
        hear(pcm)
    }

    private func hear(_ bytes: [UInt8]) {
        live?.hear(resampler.convert(bytes), from: self)
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        self.connection = nil
        live?.leave(self, closure)
    }

    /// Sends an event.
    func send(_ event: BroadcastEvent) {
        guard let connection else { return }
        guard connection.queuedBytes < Self.waitingLimitBytes else {
            return connection.close(.tryAgainLater, reason: "slow_speaker")
        }
        connection.send(event.frame)
    }

    /// Lets the speaker go.
    func close(_ code: WebSocketCloseCode, _ reason: String) {
        connection?.close(code, reason: reason)
    }
}
