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
    /// Whether bytes may be there that epoll does not know of, so that one reads until
    /// ``TransportResult/wouldBlock``; true unless a transport says otherwise.
    var hidesBytes: Bool { get }
    /// Reads what is there, at most as much as fits.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult
    /// Writes as much as is taken now; `bytes` is not empty.
    func write(_ bytes: UnsafeRawBufferPointer) -> TransportResult
    /// Tells the peer that nothing more will be sent, if the transport can.
    func shutDownWriting()
    /// Gives the connection back; called exactly once, after which nothing else is.
    func close()
}

extension WebSocketTransport {
    /// True, which is always right.
    public var hidesBytes: Bool { true }
}

/// A socket with nothing between.
package struct SocketTransport: WebSocketTransport {
    package let fileDescriptor: Int32
    private let giveBack: @Sendable () -> Void

    /// Takes a socket; `close` is called once, when it is not needed any more.
    package init(fileDescriptor: Int32, close: @escaping @Sendable () -> Void) {
        self.fileDescriptor = fileDescriptor
        giveBack = close
    }

    /// Takes a connection that a server took out of HTTP.
    package init(_ socket: UpgradedSocket) {
        self.init(fileDescriptor: socket.fileDescriptor, close: socket.close)
    }

    package var hidesBytes: Bool { false }

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
        giveBack()
    }

    private static func result(_ count: Int) -> TransportResult {
        if count >= 0 { return .bytes(count) }
        let code = errno
        return code == EAGAIN || code == EWOULDBLOCK || code == EINTR ? .wouldBlock : .failed(code)
    }
}

extension UpgradedSocket {
    /// Bounds what the system holds for a peer that does not read; best effort.
    func limitSendBuffer(to byteCount: Int) {
        var value = Int32(clamping: byteCount)
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(fileDescriptor, SOL_SOCKET, SO_SNDBUF, &value, size)
    }
}
