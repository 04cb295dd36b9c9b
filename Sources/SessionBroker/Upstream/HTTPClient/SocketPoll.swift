internal import CCurl
internal import CLinux
internal import Glibc

/// Waits for libcurl's sockets and the inbox's signal with epoll(7); one thread only.
final class SocketPoll {
    private let descriptor: Int32
    private let signalDescriptor: Int32
    private var watched: Set<Int32> = []
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init(signalDescriptor: Int32) throws(HTTPClientError) {
        self.signalDescriptor = signalDescriptor
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        events = .allocate(capacity: 256)
        guard descriptor >= 0 else { throw .transferFailed("epoll_create1: errno \(errno)") }
        var event = epoll_event(
            events: EPOLLIN.rawValue | EPOLLET.rawValue,
            data: epoll_data_t(fd: signalDescriptor)
        )
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, signalDescriptor, &event) == 0 else {
            throw .transferFailed("epoll_ctl: errno \(errno)")
        }
    }

    deinit {
        events.deallocate()
        close(descriptor)
    }

    /// Watches a socket for what libcurl's socket callback says (CURLMOPT_SOCKETFUNCTION(3)).
    func watch(_ socket: Int32, for what: Int32) {
        guard what != CURL_POLL_REMOVE else {
            watched.remove(socket)
            // libcurl may have closed it already, which removed it: the result says nothing.
            epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil)
            return
        }
        var wanted: UInt32 = 0
        if what & CURL_POLL_IN != 0 { wanted |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { wanted |= EPOLLOUT.rawValue }
        var event = epoll_event(events: wanted, data: epoll_data_t(fd: socket))
        let isNew = watched.insert(socket).inserted
        // The number of a socket that was closed without a word may have come back.
        if epoll_ctl(descriptor, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) != 0 {
            epoll_ctl(descriptor, isNew ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event)
        }
    }

    /// Waits, and tells of each socket that is ready, with libcurl's `CURL_CSELECT_…` bits.
    func wait(_ timeout: Duration?, _ body: (_ socket: Int32, _ ready: Int32) -> Void) {
        let milliseconds = timeout.map { Int32(max(0, $0.wholeMilliseconds)) } ?? -1
        let count = epoll_wait(descriptor, events.baseAddress, Int32(events.count), milliseconds)
        // EINTR cannot be: the thread blocks all signals.
        for event in events.prefix(Int(max(0, count))) where event.data.fd != signalDescriptor {
            var ready: Int32 = 0
            if event.events & EPOLLIN.rawValue != 0 { ready |= CURL_CSELECT_IN }
            if event.events & EPOLLOUT.rawValue != 0 { ready |= CURL_CSELECT_OUT }
            if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 {
                ready |= CURL_CSELECT_ERR
            }
            body(event.data.fd, ready)
        }
    }
}
