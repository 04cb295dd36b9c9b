internal import CCurl
internal import Glibc
internal import WebServer

/// The bytes of a connection that libcurl made, in clear or over TLS.
struct UpstreamTransport: WebSocketTransport {
    let fileDescriptor: Int32
    private let handle: ConnectOnlyHandle
    private let isSecure: Bool

    /// Takes a handle that is connected; nil when the connection is gone already.
    init?(_ handle: ConnectOnlyHandle, isSecure: Bool) {
        let socket = handle.socket
        guard socket >= 0 else { return nil }
        fileDescriptor = socket
        self.handle = handle
        self.isSecure = isSecure
    }

    /// One TLS record at most; who reads until it would block leaves none in OpenSSL's buffers.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult {
        let (code, count) = handle.receive(into: buffer)
        return code == CURLE_OK && count == 0 ? .ended : Self.result(code, count)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> TransportResult {
        let (code, count) = handle.send(bytes)
        return code == CURLE_OK && count == 0 ? .wouldBlock : Self.result(code, count)
    }

    /// TLS cannot end one direction by libcurl's means; the peer has our close frame.
    func shutDownWriting() {
        if !isSecure { shutdown(fileDescriptor, Int32(SHUT_WR)) }
    }

    func close() {
        handle.close()
    }

    private static func result(_ code: CURLcode, _ count: Int) -> TransportResult {
        switch code {
        case CURLE_OK: .bytes(count)
        case CURLE_AGAIN: .wouldBlock
        // libcurl does not tell the system's error.
        default: .failed(EIO)
        }
    }
}
