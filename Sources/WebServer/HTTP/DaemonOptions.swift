internal import CMicroHTTPD
internal import Glibc

/// libmicrohttpd's options and its callbacks, which find their server in `context`.
enum DaemonOptions {
    static func start(
        _ configuration: HTTPServer.Configuration,
        _ socket: ListenSocket,
        context: UnsafeMutableRawPointer
    ) -> OpaquePointer? {
        var flags =
            MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
            | MHD_ALLOW_UPGRADE.rawValue | MHD_USE_TURBO.rawValue
        if configuration.tls != nil { flags |= MHD_USE_TLS.rawValue }
        var options = [
            option(.LISTEN_SOCKET, Int(socket.fileDescriptor)),
            option(.THREAD_POOL_SIZE, configuration.threads),
            // `admitConnection` refuses before: at its own limit, libmicrohttpd lets clients wait.
            option(.CONNECTION_LIMIT, (configuration.connectionLimit + 1) * configuration.threads),
            option(.CONNECTION_TIMEOUT, configuration.idleTimeoutSeconds),
            option(.STRICT_FOR_CLIENT, 1),
            option(
                .NOTIFY_COMPLETED,
                unsafeBitCast(requestCompleted as MHD_RequestCompletedCallback, to: Int.self),
                context
            ),
            option(
                .UNESCAPE_CALLBACK,
                unsafeBitCast(keepEscapes as KeepEscapes, to: Int.self)
            ),
        ]
        guard let tls = configuration.tls else {
            options.append(option(.END))
            return CMicroHTTPD_start(
                flags,
                socket.port,
                admitConnection,
                handleAccess,
                context,
                &options
            )
        }
        // libmicrohttpd reads both as C strings, while it starts only.
        return withCString(tls.key) { key in
            withCString(tls.certificate) { certificate in
                options.append(option(.HTTPS_MEM_KEY, 0, key))
                options.append(option(.HTTPS_MEM_CERT, 0, certificate))
                options.append(option(.END))
                return CMicroHTTPD_start(
                    flags,
                    socket.port,
                    admitConnection,
                    handleAccess,
                    context,
                    &options
                )
            }
        }
    }

    private static func option(
        _ name: MHD_OPTION,
        _ value: Int = 0,
        _ pointer: UnsafeMutableRawPointer? = nil
    ) -> MHD_OptionItem {
        MHD_OptionItem(option: name, value: value, ptr_value: pointer)
    }

    private static func withCString<Result>(
        _ bytes: [UInt8],
        _ body: (UnsafeMutableRawPointer?) -> Result
    ) -> Result {
        var terminated = bytes + [0]
        return terminated.withUnsafeMutableBytes { body($0.baseAddress) }
    }
}

private typealias KeepEscapes =
    @convention(c) (
        UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?
    ) -> Int

/// `MHD_OPTION_UNESCAPE_CALLBACK`: leaves escapes alone, because ``PercentCoding`` is strict.
private func keepEscapes(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    text: UnsafeMutablePointer<CChar>?
) -> Int {
    text.map { strlen($0) } ?? 0
}

/// `MHD_AcceptPolicyCallback`: whether a connection is kept.
private func admitConnection(
    context: UnsafeMutableRawPointer?,
    address: UnsafePointer<sockaddr>?,
    size: socklen_t
) -> MHD_Result {
    guard let context else { return .NO }
    let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    return server.admitsConnection() ? .YES : .NO
}

/// `MHD_AccessHandlerCallback`: once for the head, once per piece of the body, once for the end,
/// and again after each resume.
private func handleAccess(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    url: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?,
    version: UnsafePointer<CChar>?,
    data: UnsafePointer<CChar>?,
    size: UnsafeMutablePointer<Int>?,
    requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let size, let requestContext else { return .NO }
    guard let known = requestContext.pointee else {
        let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
        guard
            let exchange = server.beginExchange(
                connection,
                url: url.map { String(cString: $0) } ?? "",
                method: method.map { String(cString: $0) } ?? ""
            )
        else { return .NO }
        // Released by `requestCompleted`.
        requestContext.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return exchange.headReceived()
    }
    let exchange = Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
    guard size.pointee > 0 else { return exchange.proceed() }
    let piece = UnsafeRawBufferPointer(start: data, count: size.pointee)
    size.pointee = 0
    return exchange.bodyReceived(piece)
}

/// `MHD_RequestCompletedCallback`: balances the `passRetained` of `handleAccess`.
private func requestCompleted(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    reason: MHD_RequestTerminationCode
) {
    guard let context, let known = requestContext?.pointee else { return }
    requestContext?.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue()
    let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    server.endExchange(exchange, ok: reason == .REQUEST_TERMINATED_COMPLETED_OK)
}
