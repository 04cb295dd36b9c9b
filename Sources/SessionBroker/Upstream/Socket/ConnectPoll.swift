internal import CLinux
internal import Glibc

/// Tells that something happened to one of the sockets that libcurl connects with (epoll(7)).
///
/// Edge-triggered in both directions, so that it need not be known what libcurl waits for. What is
/// ready already is told nobody a second time; ``ConnectOnlyHandle/continueConnecting()`` sees to that.
/// A socket leaves by being closed.
final class ConnectPoll {
    /// Readable itself while there is something to tell.
    let descriptor: Int32

    /// - Returns: Nil when descriptors are used up.
    init?() {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Watches a socket until it is closed.
    func add(_ socket: Int32) {
        var event = epoll_event(
            events: EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLET.rawValue,
            data: epoll_data_t(fd: socket)
        )
        // Fails only for lack of memory; the attempt then ends with its time.
        epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event)
    }

    /// Takes what there is to tell.
    func clear() {
        var events = [epoll_event](repeating: epoll_event(), count: 16)
        while epoll_wait(descriptor, &events, Int32(events.count), 0) == events.count {}
    }
}
