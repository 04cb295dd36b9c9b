internal import CMicroHTTPD
internal import Glibc
internal import Locking

/// Turns an ``HTTPResponse`` into libmicrohttpd's, and queues it.
enum ResponseWriter {
    /// Queues an answer; only in the access handler, on the connection's thread.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - connection: Where to.
    ///   - acceptor: Who gets the socket, where the answer is an upgrade; it must live as long as the
    ///     request, because libmicrohttpd says nothing when the client is gone before its 101 went
    ///     out.
    /// - Returns: `MHD_NO` when it could not be queued.
    static func queue(
        _ response: HTTPResponse,
        on connection: OpaquePointer,
        acceptor: UpgradeAcceptor?
    ) -> MHD_Result {
        guard let made = make(response, on: connection, acceptor) else { return .NO }
        // https://www.gnu.org/software/libmicrohttpd/manual: queueing takes a reference of its own.
        defer { MHD_destroy_response(made) }
        for field in response.headers.fields {
            MHD_add_response_header(made, field.name, field.value)
        }
        return MHD_queue_response(connection, UInt32(response.status), made)
    }

    private static func make(
        _ response: HTTPResponse,
        on connection: OpaquePointer,
        _ acceptor: UpgradeAcceptor?
    ) -> OpaquePointer? {
        switch response.body {
        case .bytes(var bytes):
            return bytes.withUnsafeMutableBytes {
                MHD_create_response_from_buffer($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
            }
        case .stream(let stream):
            let source = StreamSource(stream: stream, connection: connection)
            stream.start()
            // Released by `releaseStream`.
            return MHD_create_response_from_callback(
                UInt64.max,
                32 * 1_024,
                readStream,
                Unmanaged.passRetained(source).toOpaque(),
                releaseStream
            )
        case .upgrade:
            guard let acceptor else { return nil }
            return MHD_create_response_for_upgrade(
                acceptUpgrade,
                Unmanaged.passUnretained(acceptor).toOpaque()
            )
        case .detached: return nil
        }
    }
}

private final class StreamSource {
    let stream: ResponseStream
    let connection: OpaquePointer

    init(stream: ResponseStream, connection: OpaquePointer) {
        self.stream = stream
        self.connection = connection
    }
}

/// `MHD_ContentReaderCallback`: gives what there is, or suspends the connection until there is more.
private func readStream(
    context: UnsafeMutableRawPointer?,
    position: UInt64,
    buffer: UnsafeMutablePointer<CChar>?,
    maximum: Int
) -> Int {
    // `MHD_CONTENT_READER_END_OF_STREAM` and `…_END_WITH_ERROR` are casts that Swift cannot import.
    let endOfStream = -1
    let endWithError = -2
    guard let context, let buffer else { return endWithError }
    let source = Unmanaged<StreamSource>.fromOpaque(context).takeUnretainedValue()
    let target = UnsafeMutableRawBufferPointer(start: buffer, count: maximum)
    // Unsafe because the pointer goes to another thread, which only resumes the connection.
    nonisolated(unsafe) let connection = source.connection
    let piece = source.stream.read(into: target) {
        MHD_suspend_connection(connection)
        return { MHD_resume_connection(connection) }
    }
    switch piece {
    case .bytes(let count): return count
    case .wait: return 0
    case .end: return endOfStream
    case .failure:
        // libmicrohttpd 0.9.75 closes the connection here only when the next event on its socket
        // comes; the shutdown is that event, and tells the client at once.
        RawResponse.shutDown(CMicroHTTPD_socket(connection))
        return endWithError
    }
}

/// `MHD_ContentReaderFreeCallback`: balances the `passRetained` of ``ResponseWriter``.
private func releaseStream(context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<StreamSource>.fromOpaque(context).release()
}

/// Takes the socket of a connection that leaves HTTP, once.
final class UpgradeAcceptor: Sendable {
    private let accept: Mutex<(@Sendable (UpgradedSocket) -> Void)?>

    /// The acceptor of an answer that is an upgrade, else nil.
    init?(of response: HTTPResponse) {
        guard case .upgrade(let accept) = response.body else { return nil }
        self.accept = Mutex(accept)
    }

    fileprivate func take(_ socket: UpgradedSocket) {
        let accept = accept.withLock { accept in
            defer { accept = nil }
            return accept
        }
        accept?(socket)
    }
}

/// `MHD_UpgradeHandler`: the 101 is out, the socket is the acceptor's until it calls `close`.
private func acceptUpgrade(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    requestContext: UnsafeMutableRawPointer?,
    extra: UnsafePointer<CChar>?,
    extraSize: Int,
    socket: Int32,
    handle: OpaquePointer?
) {
    guard let context, let connection, let handle else { return }
    // Small messages must not wait for the acknowledgement of those before. Under TLS `socket` is one
    // end of a pair, and this the connection's own.
    var isOn: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(CMicroHTTPD_socket(connection), Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, size)
    let acceptor = Unmanaged<UpgradeAcceptor>.fromOpaque(context).takeUnretainedValue()
    let received = extra.map { Array(UnsafeRawBufferPointer(start: $0, count: extraSize)) } ?? []
    // Unsafe because `close` may be called on any thread; libmicrohttpd's upgrade action allows it.
    nonisolated(unsafe) let owned = handle
    acceptor.take(
        UpgradedSocket(
            fileDescriptor: socket,
            receivedBytes: received,
            close: { CMicroHTTPD_closeUpgraded(owned) }
        )
    )
}
