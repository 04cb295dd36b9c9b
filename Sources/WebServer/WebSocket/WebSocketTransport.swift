internal import Glibc

/// What one attempt to read or write amounted to.
public enum TransportResult: Sendable, Equatable {
    /// So many bytes were moved, at least one.
    case bytes(Int)
    /// Nothing now; the descriptor will become ready.
    case wouldBlock
    /// The peer sends nothing more.
    case ended
    /// The connection is broken, with the system's error number.
    case failed(Int32)
}

/// The bytes under a WebSocket: a socket, or TLS over one.
///
/// Called on one event loop's thread, and never blocks.
public protocol WebSocketTransport: Sendable {
    /// What epoll waits on; stays the same until ``close()``.
    var fileDescriptor: Int32 { get }
    /// Reads what is there, at most as much as fits.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult
    /// Writes as much as is taken now; `bytes` is not empty.
    func write(_ bytes: UnsafeRawBufferPointer) -> TransportResult
    /// Tells the peer that nothing more will be sent, if the transport can.
    func shutDownWriting()
    /// Gives the connection back; called exactly once, after which nothing else is.
    func close()
}

/// The transport of a connection that a server took out of HTTP.
package struct UpgradedSocketTransport: WebSocketTransport {
    private let socket: UpgradedSocket

    package init(socket: UpgradedSocket) {
        self.socket = socket
    }

    package var fileDescriptor: Int32 { socket.fileDescriptor }

    package func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult {
        let count = recv(
            fileDescriptor,
            buffer.baseAddress,
            buffer.count,
            Int32(MSG_DONTWAIT)
        )
        return count == 0 ? .ended : Self.result(count)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) -> TransportResult {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        return Self.result(send(fileDescriptor, bytes.baseAddress, bytes.count, flags))
    }

    package func shutDownWriting() {
        shutdown(fileDescriptor, Int32(SHUT_WR))
    }

    package func close() {
        socket.close()
    }

    private static func result(_ count: Int) -> TransportResult {
        if count >= 0 { return .bytes(count) }
        let code = errno
        return code == EAGAIN || code == EWOULDBLOCK || code == EINTR ? .wouldBlock : .failed(code)
    }
}
