internal import CLinux
internal import Glibc
internal import Locking

/// Owns the thread that a ``TransferLoop`` runs on.
final class TransferThread: Sendable {
    private let thread: Mutex<pthread_t?>

    init(inbox: TransferInbox, settings: HTTPClient.Settings) throws(HTTPClientError) {
        let loop = try TransferLoop(inbox: inbox, settings: settings)
        var thread = pthread_t()
        // The release is in `runLoop`, or below when there is no thread.
        let retained = Unmanaged.passRetained(loop)
        let result = pthread_create(&thread, nil, runLoop, retained.toOpaque())
        guard result == 0 else {
            retained.release()
            throw .transferFailed("pthread_create: errno \(result)")
        }
        self.thread = Mutex(thread)
    }

    /// Waits until the loop has ended, which only its inbox's close brings about.
    func join() {
        let thread = thread.withLock { $0.take() }
        if let thread { pthread_join(thread, nil) }
    }
}

/// `start_routine` of pthread_create(3); `context` is the retained loop.
private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let loop = Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue()
    // OpenSSL writes to sockets without MSG_NOSIGNAL, and with CURLOPT_NOSIGNAL libcurl leaves
    // SIGPIPE to us. Blocked here, the write fails with EPIPE, which is all we want.
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    CLinux_setThreadName("http-client")
    loop.run()
    return nil
}
