internal import CCurl
internal import Glibc

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
    private var onSocket: (_ socket: Int32, _ what: Int32) -> Void = { _, _ in }
    private var onTimer: (_ milliseconds: Int) -> Void = { _ in }

    /// Prepares a connection to an origin such as `https://host:port`.
    ///
    /// - Returns: Nil when memory or descriptors are used up.
    init?(origin: String, settings: HTTPClient.Settings, trust: TrustStore?) {
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

    /// Begins; libcurl says through the closures which sockets to watch and when to call
    /// ``continueConnecting(_:_:)``.
    func beginConnecting(
        onSocket: @escaping (_ socket: Int32, _ what: Int32) -> Void,
        onTimer: @escaping (_ milliseconds: Int) -> Void
    ) {
        guard let multi else { return }
        self.onSocket = onSocket
        self.onTimer = onTimer
        // libcurl calls back only inside its own calls, which this object makes: it is alive then.
        let context = Unmanaged.passUnretained(self).toOpaque()
        CCurl_multiSetPointer(multi, CURLMOPT_SOCKETDATA, context)
        CCurl_multiSetSocketCallback(multi, socketChanged)
        CCurl_multiSetPointer(multi, CURLMOPT_TIMERDATA, context)
        CCurl_multiSetTimerCallback(multi, timerChanged)
        curl_multi_add_handle(multi, easy.pointer)
    }

    /// Lets libcurl work on a socket that is ready, or on `CURL_SOCKET_TIMEOUT`.
    ///
    /// - Returns: How connecting ended; nil while it goes on.
    func continueConnecting(_ socket: Int32, _ ready: Int32) -> CURLcode? {
        guard let multi else { return CURLE_ABORTED_BY_CALLBACK }
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, ready, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            let code = message.pointee.data.result
            stopCallbacks()
            return code
        }
        return nil
    }

    /// libcurl's words on a failure.
    func reason(for code: CURLcode) -> String { easy.reason(for: code) }

    private func stopCallbacks() {
        CCurl_multiSetSocketCallback(multi, nil)
        CCurl_multiSetTimerCallback(multi, nil)
        onSocket = { _, _ in }
        onTimer = { _ in }
    }

    fileprivate func watch(_ socket: Int32, _ what: Int32) { onSocket(socket, what) }
    fileprivate func setTimer(_ milliseconds: Int) { onTimer(milliseconds) }

    // MARK: Connected

    /// The connection's socket, -1 when it has none.
    var socket: Int32 {
        var socket: curl_socket_t = -1
        CCurl_getSocket(easy.pointer, &socket)
        return socket
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
        stopCallbacks()
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
        set(CURLOPT_CAINFO, nil)
        set(CURLOPT_CAPATH, nil)
        check(CCurl_setSSLContextCallback(pointer, prepareTLSContext))
        set(CURLOPT_SSL_CTX_DATA, UnsafeRawPointer(Unmanaged.passUnretained(trust).toOpaque()))
    }
}

/// `CURLMOPT_SOCKETFUNCTION`; the context is the handle, which makes the call that this is inside of.
private func socketChanged(
    _ easy: UnsafeMutableRawPointer?,
    _ socket: curl_socket_t,
    _ what: Int32,
    _ context: UnsafeMutableRawPointer?,
    _ socketContext: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    let handle = Unmanaged<ConnectOnlyHandle>.fromOpaque(context).takeUnretainedValue()
    handle.watch(socket, what)
    return 0
}

/// `CURLMOPT_TIMERFUNCTION`; the context as above.
private func timerChanged(
    _ multi: UnsafeMutableRawPointer?,
    _ milliseconds: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<ConnectOnlyHandle>.fromOpaque(context).takeUnretainedValue()
        .setTimer(milliseconds)
    return 0
}
