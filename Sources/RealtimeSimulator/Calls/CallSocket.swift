internal import WebServer

/// One WebSocket that is attached to a call.
///
/// `@unchecked Sendable` because its event loop's thread alone touches it.
final class CallSocket: WebSocketHandler, @unchecked Sendable {
    enum Role: Sendable {
        /// A server's view of the call: its events, both ways.
        case sideband
        /// Whoever ends the call's WebRTC: text is the data channel's, binary is PCM.
        case front
    }

    let role: Role
    /// When a script cuts this socket, the call going on.
    var end: SocketScenario.End?
    private let call: Call
    private var connection: WebSocketConnection?
    private var sentEvents = 0

    init(_ role: Role, of call: Call) {
        self.role = role
        self.call = call
    }

    func send(_ message: WebSocketMessage) {
        connection?.send(message)
        sentEvents += 1
        guard let end, sentEvents >= end.afterEvents, let connection else { return }
        self.end = nil
        guard let frame = end.close else { return connection.abort() }
        connection.close(WebSocketCloseCode(rawValue: frame.code), reason: frame.reason)
    }

    func close(_ code: WebSocketCloseCode, reason: String) {
        connection?.close(code, reason: reason)
    }

    func abort() {
        connection?.abort()
    }

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        guard let refusal = call.attach(self) else { return }
        self.connection = nil
        refusal.send(on: connection)
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        guard self.connection != nil else { return }
        call.receive(message, from: self)
        // A client that does not read is not heard either.
        if connection.isCongested { connection.pauseReading() }
    }

    func drained(_ connection: WebSocketConnection) {
        connection.resumeReading()
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        guard self.connection != nil else { return }
        self.connection = nil
        call.detach(self)
    }
}
