internal import CLinux
internal import Glibc

/// An epoll instance, and an eventfd to wake its waiting thread (epoll(7), eventfd(2)).
final class Poller {
    private let descriptor: Int32
    private let wakeUp: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    init() {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0, wakeUp >= 0 else {
            fatalError("epoll: \(String(cString: strerror(errno)))")
        }
        guard add(wakeUp, .readable) else { fatalError("epoll: no room for the wake-up") }
    }

    deinit {
        close(wakeUp)
        close(descriptor)
    }

    /// Returns false when the system has no room for another descriptor.
    func add(_ target: Int32, _ interest: Readiness) -> Bool {
        control(EPOLL_CTL_ADD, target, interest)
    }

    func modify(_ target: Int32, _ interest: Readiness) {
        let isChanged = control(EPOLL_CTL_MOD, target, interest)
        precondition(isChanged, "epoll_ctl of a descriptor that was not added")
    }

    func remove(_ target: Int32) {
        let isRemoved = control(EPOLL_CTL_DEL, target, [])
        precondition(isRemoved, "a descriptor was closed before it was removed")
    }

    /// Ends a wait that is going on, or the next one; from any thread.
    func wake() {
        var one: UInt64 = 1
        write(wakeUp, &one, MemoryLayout<UInt64>.size)
    }

    /// Waits for readiness, a wake-up or the time limit; nil waits for ever.
    ///
    /// - Returns: For how many descriptors there is something in ``event(_:)``.
    func wait(timeout: Duration?) -> Int {
        let count = epoll_wait(descriptor, &events, Int32(events.count), Self.milliseconds(timeout))
        // Nothing but EINTR can go wrong here, and then the next turn waits again.
        return max(0, Int(count))
    }

    /// What the last wait has found; nil for a wake-up.
    func event(_ index: Int) -> (descriptor: Int32, readiness: Readiness)? {
        let event = events[index]
        guard event.data.fd == wakeUp else {
            return (event.data.fd, Readiness(epoll: event.events))
        }
        var value: UInt64 = 0
        read(wakeUp, &value, MemoryLayout<UInt64>.size)
        return nil
    }

    private func control(
        _ operation: Int32,
        _ target: Int32,
        _ interest: Readiness
    ) -> Bool {
        var event = epoll_event()
        event.events = interest.epoll
        event.data.fd = target
        return epoll_ctl(descriptor, operation, target, &event) == 0
    }

    /// Rounded up, so that a timer is never looked at too soon again and again.
    private static func milliseconds(_ timeout: Duration?) -> Int32 {
        guard let timeout else { return -1 }
        let (seconds, attoseconds) = timeout.components
        guard seconds < 86_400 else { return 86_400_000 }
        return Int32(seconds) * 1_000
            + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

extension Readiness {
    fileprivate init(epoll events: UInt32) {
        self = []
        if events & EPOLLIN.rawValue != 0 { insert(.readable) }
        if events & EPOLLOUT.rawValue != 0 { insert(.writable) }
        if events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { insert(.hangUp) }
    }

    fileprivate var epoll: UInt32 {
        (contains(.readable) ? EPOLLIN.rawValue : 0) | (contains(.writable) ? EPOLLOUT.rawValue : 0)
    }
}
