/// Where HTTP ends and a WebSocket begins.
public enum WebSocketUpgrade {
    /// Answers an opening handshake with 101, and takes the connection to an event loop.
    ///
    /// - Parameters:
    ///   - request: The client's opening handshake.
    ///   - subprotocols: What the server speaks; the client's order decides.
    ///   - loop: Where the connection will live.
    ///   - configuration: The bounds of the connection.
    ///   - makeHandler: Makes the connection's handler, on its loop's thread.
    /// - Returns: The 101.
    /// - Throws: ``WebSocketHandshake/Refusal``, which becomes an HTTP answer.
    public static func response(
        to request: HTTPRequest,
        subprotocols: [String] = [],
        on loop: EventLoop,
        configuration: WebSocketConfiguration = WebSocketConfiguration(),
        makeHandler: @escaping @Sendable () -> any WebSocketHandler
    ) throws(WebSocketHandshake.Refusal) -> HTTPResponse {
        let handshake = try WebSocketHandshake(
            request,
            subprotocols: subprotocols,
            allowsDeflate: configuration.compressesFromBytes != nil
        )
        return .upgrade(headers: handshake.responseHeaders) { socket in
            if let bytes = configuration.sendBufferBytes { socket.limitSendBuffer(to: bytes) }
            WebSocketConnection.open(
                SocketTransport(socket),
                role: .server,
                receivedBytes: socket.receivedBytes,
                on: loop,
                configuration: configuration,
                deflate: handshake.deflate,
                makeHandler: makeHandler
            )
        }
    }

    /// Answers as above, with the next loop of a group.
    ///
    /// - Throws: ``WebSocketHandshake/Refusal``, which becomes an HTTP answer.
    public static func response(
        to request: HTTPRequest,
        subprotocols: [String] = [],
        on group: EventLoopGroup,
        configuration: WebSocketConfiguration = WebSocketConfiguration(),
        makeHandler: @escaping @Sendable () -> any WebSocketHandler
    ) throws(WebSocketHandshake.Refusal) -> HTTPResponse {
        try response(
            to: request,
            subprotocols: subprotocols,
            on: group.next(),
            configuration: configuration,
            makeHandler: makeHandler
        )
    }
}
