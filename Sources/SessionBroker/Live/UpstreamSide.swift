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
    let opened: SessionOpening
    var drainTimer: TimerID?
    /// Items that were carried over: that they are added is news to nobody.
    var carriedOver: Set<String> = []
    /// Whether another took over in mid-turn, so that what it still owes comes for items that are closed.
    var isCutShort = false
    /// What its close frame says.
    var closeCode = WebSocketCloseCode.normal
    var closeReason = ""
    /// Upstream's last error, which tells why it closes.
    var lastErrorCode: String?

    /// The number of its ``Opening``.
    let number: Int

    init(_ session: LiveSession, _ number: Int, opened: SessionOpening) {
        self.session = session
        self.number = number
        self.opened = opened
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

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        self.connection = nil
        drainTimer.map(connection.loop.cancel)
        session.upstreamClosed(self, closure)
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
