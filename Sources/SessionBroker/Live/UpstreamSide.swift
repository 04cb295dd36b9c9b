internal import ContextStore
internal import JSON
internal import Transcript
internal import WebServer

/// One of upstream's sessions, or a sideband, in the life of a live session.
///
/// `@unchecked Sendable` because all state is touched by the loop's thread only.
final class UpstreamSide: WebSocketHandler, @unchecked Sendable {
    private let session: LiveSession
    private(set) var connection: WebSocketConnection?
    /// Reads the events of this connection.
    var reader = RealtimeEventReader()
    /// Upstream's greeting, kept until the session has its settings.
    var heldCreation: JSONObject?
    /// The event that says when the session ends, where that is of no use yet.
    var expiry: JSONValue?
    /// Whether the session has its settings.
    var isConfigured = false
    /// The settings that it was opened with.
    private(set) var opened: SessionOpening
    /// Whether upstream refused them, and got the ones before in their place.
    private(set) var hasFallenBack = false
    var drainTimer: TimerID?
    /// Items that were carried over: that they are added is news to nobody.
    private var carriedOver: Set<String> = []
    /// What stands in the transcript where upstream names another predecessor.
    private var predecessors: [ItemPredecessor: ItemPredecessor]
    /// Whether another took over in mid-turn, so that what it still owes comes for items that are closed.
    var isCutShort = false
    /// What its close frame says.
    var closeCode = WebSocketCloseCode.normal
    var closeReason = ""
    /// Upstream's last error, which tells why it closes.
    var lastErrorCode: String?

    /// The number of its ``Opening``.
    let number: Int

    /// One whose settings are not told yet.
    ///
    /// With `continues` it is another of upstream's sessions in the same transcript, so that what is
    /// its first item is not the transcript's.
    init(_ session: LiveSession, _ number: Int, opened: SessionOpening, continues: Bool) {
        self.session = session
        self.number = number
        self.opened = opened
        predecessors = continues ? [.first: .unknown] : [:]
    }

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        session.upstreamOpened(self)
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        session.received(message, from: self)
    }

    func drained(_ connection: WebSocketConnection) {
        session.updateReading()
    }

    func closing(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        // What the client says from now on is for the next one.
        ended(connection, closure)
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        ended(connection, closure)
    }

    private func ended(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        guard self.connection != nil else { return }
        self.connection = nil
        drainTimer.map(connection.loop.cancel)
        session.upstreamClosed(self, closure)
    }

    /// Notes what is carried over into this upstream session.
    func carryOver(_ turns: SessionContinuity.LastTurns) {
        let ids = turns.items.compactMap { $0["id"]?.stringValue }
        carriedOver = Set(ids)
        guard let lastID = turns.lastID, lastID != ids.last else { return }
        predecessors[ids.last.map(ItemPredecessor.item) ?? .first] = .item(lastID)
    }

    /// What an event of the server's says of the transcript.
    func read(_ event: JSONValue) -> [TranscriptEvent] {
        reader.read(event, from: .server).map { event in
            event.movingPredecessor { predecessors[$0] ?? $0 }
        }
    }

    /// Tells upstream the settings that it had before, in place of those that it refused.
    func fallBack(to settings: SessionOpening, eventID: String) {
        hasFallenBack = true
        opened = settings
        sendSettings(eventID: eventID)
    }

    /// Tells upstream what the session is to be.
    func sendSettings(eventID: String) {
        send([
            "type": "session.update", "event_id": .string(eventID),
            "session": .object(opened.fields),
        ])
    }

    /// Has upstream tell the settings of a call, which has had them since it was made; its client may
    /// have changed them since.
    func askForSettings(of kind: Session.Kind, eventID: String) {
        send([
            "type": "session.update", "event_id": .string(eventID),
            "session": ["type": .string(kind.rawValue)],
        ])
    }

    /// Whether an event only confirms what was carried over.
    func isEcho(_ type: String, _ event: JSONValue) -> Bool {
        guard type == "conversation.item.added" || type == "conversation.item.done" else {
            return false
        }
        return event["item"]?["id"]?.stringValue.map(carriedOver.contains) ?? false
    }

    /// Begins the close handshake.
    func close() {
        connection?.close(closeCode, reason: closeReason)
    }

    /// Sends an event.
    func send(_ event: JSONValue) {
        connection?.send(.text(event.bytes))
    }
}

/// What an upstream session is opened with.
struct SessionOpening: Sendable {
    /// The session object for `session.update`.
    var fields: JSONObject
    /// What stands behind the caller's instructions in it.
    var memory: String
}
