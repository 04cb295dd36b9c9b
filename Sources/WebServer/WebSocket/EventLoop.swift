internal import CLinux
internal import Glibc
internal import Locking
internal import Synchronization

/// What a file descriptor of an event loop is ready for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let readable = Readiness(rawValue: 1)
    package static let writable = Readiness(rawValue: 2)
    /// The connection is broken or closed in both directions.
    package static let hangUp = Readiness(rawValue: 4)
}

/// Something with a file descriptor that lives on an event loop; called on its thread only.
package protocol EventLoopChannel: AnyObject {
    /// The descriptor is ready.
    func isReady(_ readiness: Readiness)
    /// Every callback of this turn is done; comes once after ``EventLoop/callAtEndOfTurn(_:)``.
    func turnEnded()
    /// The loop is shutting down: end politely.
    func goAway()
    /// The loop's time is over: end at once.
    func abort()
}

/// One thread that waits for sockets, timers and work from other threads (epoll(7)).
///
/// What lives on a loop is owned by its thread alone, so that it needs no lock. Only
/// ``execute(_:)`` and ``shutDown(limit:)`` may be called from elsewhere.
/// `@unchecked Sendable` because all else is touched by the loop's thread only, which
/// ``preconditionOnLoop()`` checks.
public final class EventLoop: @unchecked Sendable {
    private struct Inbox {
        var bodies: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let poller: Poller
    /// Bounded by its callers: each entry is a connection that arrives or a command of an owner.
    private let inbox = Locking.Mutex(Inbox())
    private let threadID = Atomic<UInt>(0)
    private var channels: [Int32: any EventLoopChannel] = [:]
    private var endOfTurn: [any EventLoopChannel] = []
    private var timers = TimerQueue()
    private var whenEmpty: (() -> Void)?

    /// The time at the beginning of this turn; cheaper than asking the clock.
    public private(set) var now = ContinuousClock.now

    /// Scratch space for one read; its content lasts until the next one.
    package let readBuffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 65_536,
        alignment: 16
    )

    /// Makes a loop and starts its thread, which runs until ``shutDown(limit:)``.
    ///
    /// - Parameter name: The thread's name in debuggers; at most 15 bytes count.
    public init(name: String = "event-loop") {
        poller = Poller()
        Self.startThread { [self] in
            // OpenSSL writes to sockets without MSG_NOSIGNAL; with SIGPIPE blocked that is an EPIPE.
            // All others belong to the main thread anyway.
            var signals = sigset_t()
            sigfillset(&signals)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            CLinux_setThreadName(String(name.prefix(15)))
            run()
        }
    }

    deinit {
        readBuffer.deallocate()
    }

    /// Runs a body on the loop's thread, in the order of calls; from any thread.
    ///
    /// - Returns: False when the loop has ended, so that the body will never run.
    @discardableResult
    public func execute(_ body: @escaping @Sendable () -> Void) -> Bool {
        let (isTaken, isFirst) = inbox.withLock { inbox in
            guard !inbox.isClosed else { return (false, false) }
            inbox.bodies.append(body)
            return (true, inbox.bodies.count == 1)
        }
        // One wake-up is enough for everything that waits.
        if isFirst { poller.wake() }
        return isTaken
    }

    /// Runs a body later, on the loop's thread; only from there.
    @discardableResult
    public func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        preconditionOnLoop()
        return timers.schedule(at: ContinuousClock.now + delay, body)
    }

    /// Takes a timer back, if it did not fire already; only on the loop's thread.
    public func cancel(_ timer: TimerID) {
        preconditionOnLoop()
        timers.cancel(timer)
    }

    /// Ends every connection politely, aborts what is left at the limit, and ends the thread.
    public func shutDown(limit: Duration) async {
        await withCheckedContinuation { continuation in
            let isTaken = execute { [self] in
                beginShutDown(limit: limit) { continuation.resume() }
            }
            if !isTaken { continuation.resume() }
        }
    }

    /// Stops the program when the caller is not on the loop's thread: that is a bug.
    public func preconditionOnLoop() {
        precondition(isOnLoop, "this belongs to the event loop's thread")
    }

    /// Whether the caller is on the loop's thread.
    public var isOnLoop: Bool {
        threadID.load(ordering: .relaxed) == UInt(pthread_self())
    }

    // MARK: Channels

    /// Returns false when the system has no room for another descriptor.
    package func register(
        _ channel: any EventLoopChannel,
        _ descriptor: Int32,
        for interest: Readiness
    ) -> Bool {
        preconditionOnLoop()
        guard poller.add(descriptor, interest) else { return false }
        channels[descriptor] = channel
        return true
    }

    package func update(_ descriptor: Int32, for interest: Readiness) {
        poller.modify(descriptor, interest)
    }

    /// Must come before the descriptor is closed.
    package func unregister(_ descriptor: Int32) {
        channels[descriptor] = nil
        poller.remove(descriptor)
    }

    package func callAtEndOfTurn(_ channel: any EventLoopChannel) {
        endOfTurn.append(channel)
    }

    // MARK: The thread

    private func run() {
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        while true {
            let ready = poller.wait(timeout: timeout())
            now = ContinuousClock.now
            for (descriptor, readiness) in ready { channels[descriptor]?.isReady(readiness) }
            while let body = timers.popDue(at: now) { body() }
            for body in takeInbox() { body() }
            endTurn()
            if channels.isEmpty, let whenEmpty, closeInboxIfEmpty() {
                // What is still scheduled refers back to the loop, and would keep it for ever.
                timers = TimerQueue()
                self.whenEmpty = nil
                return whenEmpty()
            }
        }
    }

    private func endTurn() {
        let ended = endOfTurn
        endOfTurn.removeAll(keepingCapacity: true)
        for channel in ended { channel.turnEnded() }
    }

    private func timeout() -> Duration? {
        if !endOfTurn.isEmpty { return .zero }
        return timers.nextDeadline().map { max(.zero, $0 - ContinuousClock.now) }
    }

    private func takeInbox() -> [@Sendable () -> Void] {
        inbox.withLock { inbox in
            defer { inbox.bodies = [] }
            return inbox.bodies
        }
    }

    private func closeInboxIfEmpty() -> Bool {
        inbox.withLock { inbox in
            inbox.isClosed = inbox.bodies.isEmpty
            return inbox.isClosed
        }
    }

    private func beginShutDown(limit: Duration, then: @escaping () -> Void) {
        let earlier = whenEmpty
        whenEmpty = {
            earlier?(); then()
        }
        for channel in Array(channels.values) { channel.goAway() }
        schedule(after: limit) { [self] in
            for channel in Array(channels.values) { channel.abort() }
        }
    }

    private static func startThread(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        // Released by the thread.
        let box = Unmanaged.passRetained(Box(body)).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, runBox, box)
        guard status == 0 else {
            fatalError("pthread_create: \(String(cString: strerror(status)))")
        }
        pthread_detach(thread)
        func runBox(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
            guard let argument else { return nil }
            Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }
    }
}

/// A few event loops that share connections evenly.
public final class EventLoopGroup: Sendable {
    /// The loops.
    public let loops: [EventLoop]
    private let turn = Atomic<Int>(0)

    /// Starts `count` loops, at least one.
    public init(count: Int, name: String = "event-loop") {
        loops = (0..<max(1, count)).map { EventLoop(name: "\(name)-\($0)") }
    }

    /// The loop for the next connection, in turn; from any thread.
    public func next() -> EventLoop {
        let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: number) % UInt(loops.count))]
    }

    /// Shuts down all loops at the same time; see ``EventLoop/shutDown(limit:)``.
    public func shutDown(limit: Duration) async {
        await withTaskGroup { group in
            for loop in loops { group.addTask { await loop.shutDown(limit: limit) } }
        }
    }
}
