internal import WebServer

/// The client's end of a relayed session; one that lost its network comes back with another.
///
/// `@unchecked Sendable` because all state is touched by the loop's thread only.
final class ClientSide: WebSocketHandler, @unchecked Sendable {
    /// Whether, and from where, a client goes on.
    enum Arrival: Sendable, Equatable {
        /// It is here for the first time.
        case first
        /// It was here before, and this is the last event that it got; nil for none.
        case again(after: String?)
    }

    private let session: LiveSession
    let arrival: Arrival
    private(set) var connection: WebSocketConnection?

    init(_ session: LiveSession, _ arrival: Arrival) {
        self.session = session
        self.arrival = arrival
    }

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        session.clientOpened(self)
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        session.received(message, from: self)
    }

    func drained(_ connection: WebSocketConnection) {
        session.updateReading()
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        self.connection = nil
        session.clientClosed(self, closure)
    }
}
