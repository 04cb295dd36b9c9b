/// What happens with a message that finds the outgoing queue full.
public enum WebSocketOverflow: Sendable {
    /// The message is dropped, the connection goes on.
    case drop
    /// The message is dropped and the connection closed with 1013.
    case close
}

/// Who a connection belongs to; every method is called on the connection's event loop thread.
///
/// A handler that waits stops every connection of that loop, so it never does.
public protocol WebSocketHandler: AnyObject {
    /// The connection is there; sending is possible from now on.
    func opened(_ connection: WebSocketConnection)
    /// A whole message came.
    func received(_ message: WebSocketMessage, on connection: WebSocketConnection)
    /// The outgoing queue, which was above its high-water mark, is below half of it again.
    func drained(_ connection: WebSocketConnection)
    /// The outgoing queue has no room for a message.
    func overflowed(
        _ connection: WebSocketConnection,
        by message: WebSocketMessage
    ) -> WebSocketOverflow
    /// The peer has begun to close: nothing more comes, and nothing more is taken.
    func closing(_ connection: WebSocketConnection, _ closure: WebSocketClosure)
    /// The connection is over; the last call.
    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure)
}

extension WebSocketHandler {
    /// Does nothing.
    public func opened(_ connection: WebSocketConnection) {}

    /// Does nothing.
    public func drained(_ connection: WebSocketConnection) {}

    /// Does nothing.
    public func closing(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {}

    /// Closes: losing one message of a protocol silently breaks it.
    public func overflowed(
        _ connection: WebSocketConnection,
        by message: WebSocketMessage
    ) -> WebSocketOverflow {
        .close
    }
}

/// The bounds and times of a connection.
public struct WebSocketConfiguration: Sendable {
    /// A longer message from the peer ends the connection with 1009.
    public var maximumMessageBytes = 16 * 1_024 * 1_024
    /// The most that may wait to be sent; see ``WebSocketHandler/overflowed(_:by:)``.
    public var outgoingLimitBytes = 32 * 1_024 * 1_024
    /// Above this ``WebSocketConnection/isCongested`` is true until half of it is left.
    public var highWaterBytes = 256 * 1_024
    /// The time between two pings; nil where the owner calls ``WebSocketConnection/checkPeer()``, as is
    /// better for thousands of connections that are otherwise idle.
    public var pingInterval: Duration? = .seconds(20)
    /// A peer from which nothing came for this long is dead; counts while reading only.
    public var peerTimeout: Duration = .seconds(50)
    /// The time that a close handshake may take.
    public var closeTimeout: Duration = .seconds(5)

    /// How many bytes the system may hold for a server's peer; nil leaves it to the system, which takes
    /// megabytes for one that is slow.
    public var sendBufferBytes: Int?

    /// The shortest message that is compressed, if the peer can read that (RFC 7692); nil for none.
    ///
    /// A server offers to read compressed messages unless this is nil. Compression costs each message
    /// tens of microseconds and the client's patience with small ones: off for relays of audio.
    public var compressesFromBytes: Int?

    /// The defaults.
    public init() {}
}
