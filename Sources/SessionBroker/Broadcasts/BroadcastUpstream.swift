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
    private(set) var clock = AudioClock()
    /// Up to when it was sent anything louder than silence, in the broadcast's time.
    private(set) var lastLoudMs = nothingHeardMs
    /// Up to when it was sent audio.
    private(set) var sentUntilMs: Int64 = 0
    /// Whether it has its settings.
    var isReady = false
    /// The responses that it still owes.
    var responses: Set<String> = []
    private var turns = SpokenTurns()
    /// Ends turns where upstream does not.
    private var cutter: TurnCutter?
    /// Our commits that upstream has not answered, with the speech in each where it is known.
    private var commits: [(id: String, speech: Range<Int64>?)] = []
    private var eventCount = 0
    /// Whether it is to close as soon as it owes nothing.
    private var isDraining = false
    /// Whether it said that it has told all.
    private var hasSaidClosed = false
    private var drainTimer: TimerID?
    /// How long it may go on from ``expiryNotedAt`` on, as upstream says.
    var expiresIn: Duration?
    var expiryNotedAt: Duration = .zero
    /// Its id upstream.
    var upstreamID = ""
    /// Upstream's last error, which tells why it closes soon after.
    var lastError: (code: String, at: Duration)?
    /// Audio that is not accounted for yet, in milliseconds.
    var unbilledMs: Int64 = 0
    var bills = 0

    init(_ link: UpstreamLink, _ kind: UpstreamKind, number: Int) {
        self.link = link
        self.kind = kind
        self.number = number
        cutter = kind.hasVoiceDetection ? nil : TurnCutter()
    }

    /// Whether nobody has spoken for a while.
    func isQuiet(forMs quietMs: Int64) -> Bool {
        !turns.isInSpeech && sentUntilMs - lastLoudMs >= quietMs
    }

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        send("session.update", ["session": .object(kind.settings)])
        link.opened(self)
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        guard case .text(let bytes) = message, var event = UpstreamEvent.parse(bytes),
            let type = event["type"]?.stringValue
        else { return }
        switch type {
        case "input_audio_buffer.committed": noteCommit(&event)
        case "error": noteError(event)
        case "session.closed": hasSaidClosed = true
        default: break
        }
        turns.note(type, event, clock)
        link.received(type, event, from: self)
        closeIfDone()
    }

    func drained(_ connection: WebSocketConnection) {
        link.drained(self)
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        self.connection = nil
        drainTimer.map(connection.loop.cancel)
        link.closed(self, closure)
    }

    /// Sends an event, with an id by which upstream can say what an error is about.
    func send(_ type: String, id: String? = nil, _ members: JSONObject = [:]) {
        let id = id ?? makeEventID(for: type)
        let event: JSONObject = ["type": .string(type), "event_id": .string(id)]
        connection?.send(.text(JSONValue.object(event.merging(members)).bytes))
    }

    /// The id of the next event to upstream: what it is, and of which of the sessions.
    func makeEventID(for type: String) -> String {
        eventCount += 1
        return "\(type.split(separator: ".").last ?? "event")_\(number)_\(eventCount)"
    }

    // MARK: Audio

    /// Sends a frame of audio, which begins at a time of the broadcast.
    ///
    /// - Returns: False when the connection takes nothing more.
    func append(_ frame: AudioFrame) -> Bool {
        let message = frame.message(as: kind.appendEvent, id: makeEventID(for: kind.appendEvent))
        guard connection?.send(message) == true else { return false }
        let startMs = clock.audioMs
        clock.append(byteCount: frame.byteCount, atMs: frame.startMs)
        if frame.isLoud { lastLoudMs = frame.endMs }
        sentUntilMs = frame.endMs
        unbilledMs += frame.endMs - frame.startMs
        switch cutter?.append(startMs..<clock.audioMs, isLoud: frame.isLoud) {
        case .commit(let speech): commit(speech)
        case .discard: send("input_audio_buffer.clear")
        case .wait, nil: break
        }
        return true
    }

    private func commit(_ speech: Range<Int64>?) {
        let type = "input_audio_buffer.commit"
        let id = makeEventID(for: type)
        commits.append((id, speech))
        send(type, id: id)
    }

    /// Upstream says of a turn that it found when that was spoken; of ours, this adds it.
    private func noteCommit(_ event: inout JSONValue) {
        guard !commits.isEmpty else { return }
        guard let speech = commits.removeFirst().speech, var object = event.objectValue else {
            return
        }
        object["audio_start_ms"] = .integer(speech.lowerBound)
        object["audio_end_ms"] = .integer(speech.upperBound)
        event = .object(object)
    }

    private func noteError(_ event: JSONValue) {
        let id = event["error"]?["event_id"]?.stringValue
        if let index = commits.firstIndex(where: { $0.id == id }) {
            commits.remove(at: index)
        } else if event["error"]?["code"] == "input_audio_buffer_commit_empty", !commits.isEmpty {
            commits.removeFirst()
        }
    }

    // MARK: Ending

    /// Lets it say what it still owes, and closes it then.
    func drain(limit: Duration) {
        guard let connection, !isDraining else { return }
        isDraining = true
        switch kind {
        case .translation: send("session.close")
        case .transcription: commitRest()
        case .prompted: break
        }
        drainTimer = connection.loop.schedule(after: limit) { [weak self] in self?.close() }
        closeIfDone()
    }

    private func commitRest() {
        if cutter != nil {
            if case .commit(let speech) = cutter?.finish() { commit(speech) }
        } else if turns.isInSpeech || lastLoudMs > turns.endMs {
            // It may not have told yet that somebody speaks.
            commit(nil)
        }
    }

    /// Whether it has told all that it ever will.
    var isDone: Bool {
        switch kind {
        case .translation: hasSaidClosed
        case .transcription: isDraining && commits.isEmpty && turns.isEmpty
        case .prompted: isDraining && responses.isEmpty
        }
    }

    private func closeIfDone() { if isDone { close() } }

    /// Begins the close handshake.
    func close() {
        connection?.close(.normal)
    }

    /// Ends it at once.
    func abort() {
        connection?.abort()
    }
}
