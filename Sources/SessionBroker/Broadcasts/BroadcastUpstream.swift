internal import Captions
internal import JSON
internal import WebServer

/// One of upstream's sessions in the life of a broadcast.
///
/// `@unchecked Sendable` because all state is touched by the loop's thread only.
final class BroadcastUpstream: WebSocketHandler, @unchecked Sendable {
    let kind: UpstreamKind
    /// Which one it is of its link.
    let number: Int
    private let link: UpstreamLink
    private(set) var connection: WebSocketConnection?
    /// Its own time.
    var clock = AudioClock()
    /// Up to when it was sent anything louder than silence, in the broadcast's time.
    var lastLoudMs = nothingHeardMs
    /// Up to when it was sent audio.
    var sentUntilMs: Int64 = 0
    /// Up to when what it was sent is in turns that it has ended.
    var turnsUntilMs = nothingHeardMs
    /// Whether it has its settings.
    var isReady = false
    /// Turns and responses that it still owes.
    var outstanding: Set<String> = []
    /// Whether somebody is speaking, as far as it knows.
    var isInSpeech = false
    /// Whether it is to close as soon as it owes nothing.
    private(set) var isDraining = false
    private var awaitsCommit = false
    private var drainTimer: TimerID?
    /// How long it may go on from ``expiryNotedAt`` on, as upstream says.
    var expiresIn: Duration?
    var expiryNotedAt: Duration = .zero
    /// Its id upstream.
    var upstreamID = ""
    /// Upstream's last error, which tells why it closes.
    var lastErrorCode: String?
    /// Audio that is not accounted for yet, in milliseconds.
    var unbilledMs: Int64 = 0
    var bills = 0

    init(_ link: UpstreamLink, _ kind: UpstreamKind, number: Int) {
        self.link = link
        self.kind = kind
        self.number = number
    }

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        send(["type": "session.update", "session": .object(kind.settings)])
        link.opened(self)
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        guard case .text(let bytes) = message, let event = UpstreamEvent.parse(bytes),
            let type = event["type"]?.stringValue
        else { return }
        link.received(type, event, from: self)
        closeIfDrained()
    }

    func drained(_ connection: WebSocketConnection) {
        link.drained(self)
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        self.connection = nil
        drainTimer.map(connection.loop.cancel)
        link.closed(self, closure)
    }

    /// Sends an event.
    func send(_ event: JSONValue) {
        connection?.send(.text(event.bytes))
    }

    /// Sends a frame of audio, which begins at a time of the broadcast.
    ///
    /// - Returns: False when the connection takes nothing more.
    func append(_ frame: AudioFrame) -> Bool {
        guard connection?.send(frame.message(as: kind.appendEvent)) == true else { return false }
        clock.append(byteCount: frame.byteCount, atMs: frame.startMs)
        if frame.isLoud { lastLoudMs = frame.endMs }
        sentUntilMs = frame.endMs
        unbilledMs += frame.endMs - frame.startMs
        return true
    }

    // MARK: Ending

    /// Lets it say what it still owes, and closes it then.
    func drain(limit: Duration) {
        guard let connection, !isDraining else { return }
        isDraining = true
        switch kind {
        case .translation: send(["type": "session.close"])
        case .transcription where isInSpeech || lastLoudMs > turnsUntilMs:
            // It may not have told yet that somebody speaks.
            awaitsCommit = true
            send(["type": "input_audio_buffer.commit"])
        default: break
        }
        drainTimer = connection.loop.schedule(after: limit) { [weak self] in self?.close() }
        closeIfDrained()
    }

    /// Upstream has answered the commit that ends a drain's speech.
    func noteCommit() { awaitsCommit = false }

    private func closeIfDrained() {
        // A translation session closes by itself.
        if case .translation = kind { return }
        if isDraining, !awaitsCommit, outstanding.isEmpty { close() }
    }

    /// Begins the close handshake.
    func close() {
        connection?.close(.normal)
    }
}
