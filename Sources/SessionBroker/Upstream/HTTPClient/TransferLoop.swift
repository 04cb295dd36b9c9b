internal import CCurl
internal import Glibc

/// Drives all transfers with libcurl's multi interface; after `init`, on one thread only.
///
/// `curl_multi_socket_action` touches only the transfers that something happened to, where
/// `curl_multi_perform` asks the kernel about each: with hundreds waiting for a slow upstream that
/// is the difference.
final class TransferLoop {
    private let inbox: TransferInbox
    private let settings: HTTPClient.Settings
    private let poll: SocketPoll
    /// A `CURLM *`.
    private let multi: UnsafeMutableRawPointer
    private var active: [UInt64: Transfer] = [:]
    private var idleHandles: [EasyHandle] = []
    /// When libcurl wants to be called without a socket's being ready; nil for never.
    private var wakeUp: ContinuousClock.Instant?
    private var nextSweep = ContinuousClock.now

    private static let sweepInterval: Duration = .milliseconds(100)
    private static let idleHandleLimit = 256

    init(inbox: TransferInbox, settings: HTTPClient.Settings) throws(HTTPClientError) {
        guard EasyHandle.isLibraryReady, let multi = curl_multi_init() else {
            throw .transferFailed("libcurl cannot be initialised")
        }
        self.multi = multi
        self.inbox = inbox
        self.settings = settings
        do {
            poll = try SocketPoll(signalDescriptor: inbox.signalDescriptor)
        } catch {
            curl_multi_cleanup(multi)
            throw error
        }
        // libcurl calls back only inside its own calls, which this object makes: it is alive then.
        let context = Unmanaged.passUnretained(self).toOpaque()
        CCurl_multiSetPointer(multi, CURLMOPT_SOCKETDATA, context)
        CCurl_multiSetSocketCallback(multi, socketChanged)
        CCurl_multiSetPointer(multi, CURLMOPT_TIMERDATA, context)
        CCurl_multiSetTimerCallback(multi, timerChanged)
        let limit = settings.connectionLimitPerHost
        CCurl_multiSetLong(multi, CURLMOPT_MAX_HOST_CONNECTIONS, limit)
        // Connections kept open in all. Unset, the number follows the transfers under way, and a
        // quiet moment closes what the next burst needs (CURLMOPT_MAXCONNECTS(3)).
        CCurl_multiSetLong(multi, CURLMOPT_MAXCONNECTS, 2 * limit)
    }

    deinit {
        // Closing the kept connections would call back into an object that is going.
        CCurl_multiSetSocketCallback(multi, nil)
        CCurl_multiSetTimerCallback(multi, nil)
        curl_multi_cleanup(multi)
    }

    /// Runs until the inbox is closed; then fails what is left.
    func run() {
        while true {
            let work = inbox.take()
            guard !work.isClosed else { return failAll(work) }
            for submission in work.submissions { start(submission) }
            for id in work.cancellations { cancel(id) }
            drive()
            reap()
            sweep()
        }
    }

    // MARK: Callbacks

    fileprivate func watch(_ socket: Int32, for what: Int32) {
        poll.watch(socket, for: what)
    }

    fileprivate func setTimer(_ milliseconds: Int) {
        wakeUp = milliseconds < 0 ? nil : ContinuousClock.now + .milliseconds(milliseconds)
    }

    // MARK: Steps of the loop

    private func start(_ submission: Submission) {
        guard let easy = idleHandles.popLast() ?? EasyHandle(settings: settings) else {
            return finish(submission, .failure(HTTPClientError.overloaded))
        }
        let transfer = Transfer(submission, easy: easy, settings: settings)
        transfer.load(timeLeft: submission.deadline - .now)
        let code = curl_multi_add_handle(multi, easy.pointer)
        guard code == CURLM_OK else {
            let reason = String(cString: curl_multi_strerror(code))
            return finish(submission, .failure(HTTPClientError.transferFailed(reason)))
        }
        active[submission.id] = transfer
    }

    private func cancel(_ id: UInt64) {
        guard let transfer = active[id] else { return }
        end(transfer, .failure(CancellationError()))
    }

    /// Waits for sockets or the time that libcurl asked for, and lets it work.
    private func drive() {
        var running: Int32 = 0
        poll.wait(waitTime()) { socket, ready in
            curl_multi_socket_action(multi, socket, ready, &running)
        }
        if let wakeUp, wakeUp <= .now {
            self.wakeUp = nil
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
        }
    }

    private func waitTime() -> Duration? {
        let timer = wakeUp.map { $0 - .now }
        let untilSweep = active.isEmpty ? nil : nextSweep - .now
        return [timer, untilSweep].compactMap(\.self).min()
    }

    /// Ends the transfers that libcurl is done with.
    private func reap() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            // The message is gone once its handle is removed (curl_multi_info_read(3)).
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = Transfer.of(easy)
            else { continue }
            end(transfer, transfer.outcome(message.pointee.data.result, now: .now))
        }
    }

    /// Ends transfers whose time is over while they wait for a connection: libcurl minds the time
    /// only of those that have got one.
    private func sweep() {
        let now = ContinuousClock.now
        guard nextSweep <= now else { return }
        nextSweep = now + Self.sweepInterval
        for transfer in Array(active.values) where transfer.submission.deadline <= now {
            end(transfer, .failure(HTTPClientError.timedOut))
        }
    }

    private func failAll(_ work: TransferInbox.Work) {
        for transfer in Array(active.values) {
            end(transfer, .failure(HTTPClientError.shutDown))
        }
        for submission in work.submissions {
            finish(submission, .failure(HTTPClientError.shutDown))
        }
    }

    private func end(_ transfer: Transfer, _ outcome: TransferOutcome) {
        curl_multi_remove_handle(multi, transfer.easy.pointer)
        active[transfer.submission.id] = nil
        if idleHandles.count < Self.idleHandleLimit { idleHandles.append(transfer.easy) }
        finish(transfer.submission, outcome)
    }

    private func finish(_ submission: Submission, _ outcome: TransferOutcome) {
        inbox.release()
        submission.continuation.resume(returning: outcome)
    }
}

/// `CURLMOPT_SOCKETFUNCTION`; the context is the loop, which makes the call that this is inside of.
private func socketChanged(
    _ easy: UnsafeMutableRawPointer?,
    _ socket: curl_socket_t,
    _ what: Int32,
    _ context: UnsafeMutableRawPointer?,
    _ socketContext: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue().watch(socket, for: what)
    return 0
}

/// `CURLMOPT_TIMERFUNCTION`; the context as above.
private func timerChanged(
    _ multi: UnsafeMutableRawPointer?,
    _ milliseconds: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds)
    return 0
}
