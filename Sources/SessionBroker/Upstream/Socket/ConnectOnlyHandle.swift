internal import CCurl
internal import Glibc
internal import WebServer

/// Owns one connection that libcurl makes and then leaves to us (`CURLOPT_CONNECT_ONLY`).
///
/// Name resolution, proxies, IPv6 and TLS are libcurl's; what goes over the connection is not. It has
/// a `CURLM *` of its own, since libcurl closes such a connection when its handle leaves its multi
/// handle, and looks through all connections of a multi handle at each read and write.
/// `@unchecked Sendable` because it is used by one thread at a time: the connecting loop's until the
/// connection stands, then its owner's, handed over with a lock between.
final class ConnectOnlyHandle: @unchecked Sendable {
    /// A `CURLM *`; nil once closed.
    private var multi: UnsafeMutableRawPointer?
    private let easy: EasyHandle
    private let trust: TrustStore?
    /// Called inside libcurl's calls, while connecting.
    private var onSocket: (_ socket: Int32) -> Void = { _ in }

    /// Prepares a connection to an origin such as `https://host:port`.
    ///
    /// - Returns: Nil when memory or descriptors are used up.
    init?(origin: String, settings: HTTPClient.Settings, trust: TrustStore?) {
        guard FileDescriptors.areLeftForUpstream else { return nil }
        guard let easy = EasyHandle(settings: settings) else { return nil }
        guard let multi = curl_multi_init() else { return nil }
        self.easy = easy
        self.multi = multi
        self.trust = trust
        easy.loadConnectOnly(origin: origin, trust: trust)
    }

    deinit {
        close()
    }

    // MARK: Connecting

    /// How far connecting has come.
    enum Progress {
        case ended(CURLcode)
        /// To be continued when something happened to a socket, or after this time; nil for never.
        case waiting(Duration?)
    }

    /// Prepares to connect; `onSocket` is told of each socket that libcurl opens.
    ///
    /// Without `CURLMOPT_SOCKETFUNCTION`, which would tell more: it costs each multi handle a table of
    /// 29 KB, as long as it lives.
    func beginConnecting(onSocket: @escaping (_ socket: Int32) -> Void) {
        guard let multi else { return }
        self.onSocket = onSocket
        // libcurl calls back only inside its own calls, which this object makes: it is alive then.
        easy.setOpenSocket(openSocket, Unmanaged.passUnretained(self).toOpaque())
        curl_multi_add_handle(multi, easy.pointer)
    }

    /// Lets libcurl work.
    func continueConnecting() -> Progress {
        guard let multi else { return .ended(CURLE_ABORTED_BY_CALLBACK) }
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            onSocket = { _ in }
            return .ended(message.pointee.data.result)
        }
        // Whoever waits is told of changes only, so what is ready and was left over must be found here.
        var ready: Int32 = 0
        curl_multi_wait(multi, nil, 0, 0, &ready)
        guard ready == 0 else { return .waiting(.zero) }
        // Asked each time, since libcurl says it by itself only when the time changes, and a timer that
        // fires a moment too soon changes nothing. A name that is being resolved has no socket of ours:
        // libcurl looks after it by time, at growing intervals.
        var milliseconds = -1
        curl_multi_timeout(multi, &milliseconds)
        return .waiting(milliseconds < 0 ? nil : .milliseconds(milliseconds))
    }

    /// libcurl's words on a failure.
    func reason(for code: CURLcode) -> String { easy.reason(for: code) }

    fileprivate func opened(_ socket: Int32) { onSocket(socket) }

    // MARK: Connected

    /// The connection's socket, -1 when it has none.
    var socket: Int32 {
        var socket: curl_socket_t = -1
        CCurl_getSocket(easy.pointer, &socket)
        return socket
    }

    /// Takes the socket out of libcurl, which closes this handle: 20 KB less for a connection in clear.
    ///
    /// Nil, and nothing happens, where libcurl is needed: a proxy of HTTP may be reached over TLS.
    func takePlainSocket() -> Int32? {
        var proxyStatus = 0
        CCurl_getLong(easy.pointer, CURLINFO_HTTP_CONNECTCODE, &proxyStatus)
        guard proxyStatus == 0, socket >= 0 else { return nil }
        // libcurl closes its own, and what is left is ours.
        let taken = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard taken >= 0 else { return nil }
        close()
        return taken
    }

    /// Reads what is there; 0 bytes are the end of the stream (curl_easy_recv(3)).
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> (code: CURLcode, count: Int) {
        var count = 0
        let code = curl_easy_recv(easy.pointer, buffer.baseAddress, buffer.count, &count)
        return (code, count)
    }

    /// Writes as much as is taken (curl_easy_send(3)).
    func send(_ bytes: UnsafeRawBufferPointer) -> (code: CURLcode, count: Int) {
        var count = 0
        let code = curl_easy_send(easy.pointer, bytes.baseAddress, bytes.count, &count)
        return (code, count)
    }

    /// Closes the connection, at whatever stage; a second time does nothing.
    func close() {
        guard let multi else { return }
        onSocket = { _ in }
        curl_multi_remove_handle(multi, easy.pointer)
        curl_multi_cleanup(multi)
        self.multi = nil
    }
}

extension EasyHandle {
    /// Puts in what makes this a connection without a request.
    fileprivate func loadConnectOnly(origin: String, trust: TrustStore?) {
        set(CURLOPT_URL, text: origin)
        set(CURLOPT_CONNECT_ONLY, 1)
        set(CURLOPT_FRESH_CONNECT, 1)
        // A WebSocket needs a connection of its own, which HTTP/2 does not give (RFC 6455, 1.8).
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // Through a proxy, there must be a way through also when there is no TLS.
        set(CURLOPT_HTTPPROXYTUNNEL, 1)
        // Without it, closing waits for a name that is being resolved. The thread that does so cleans
        // up after itself.
        set(CURLOPT_QUICK_EXIT, 1)
        guard let trust else { return }
        // The store replaces what libcurl would read.
        set(CURLOPT_CAINFO, nil)
        set(CURLOPT_CAPATH, nil)
        check(CCurl_setSSLContextCallback(pointer, prepareTLSContext))
        set(CURLOPT_SSL_CTX_DATA, UnsafeRawPointer(Unmanaged.passUnretained(trust).toOpaque()))
    }

    fileprivate func setOpenSocket(
        _ callback: @escaping curl_opensocket_callback,
        _ context: UnsafeMutableRawPointer
    ) {
        check(CCurl_setOpenSocketCallback(pointer, callback))
        set(CURLOPT_OPENSOCKETDATA, UnsafeRawPointer(context))
    }
}

/// `CURLOPT_OPENSOCKETFUNCTION`; the context is the handle, which makes the call that this is inside
/// of.
private func openSocket(
    _ context: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let address = address?.pointee else { return -1 }
    // libcurl makes it non-blocking, and closes it.
    let flags = Int32(SOCK_CLOEXEC.rawValue)
    let socket = Glibc.socket(address.family, address.socktype | flags, address.protocol)
    guard socket >= 0 else { return socket }
    Unmanaged<ConnectOnlyHandle>.fromOpaque(context).takeUnretainedValue().opened(socket)
    return socket
}
