import Dispatch
import Glibc

/// SIGTERM and SIGINT as something to wait for; SIGPIPE is ignored, as every server must.
///
/// Dispatch has a source for signals, which is not used: on Linux it sends a signal that another
/// thread got on to the thread that it takes for its manager, and now and then that is another one by
/// then, so that the signal is lost (swift-corelibs-libdispatch, event_epoll.c).
final class TerminationSignals: Sendable {
    // Unsafe because a dispatch source is thread-safe, but not marked so in this library.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let stream: AsyncStream<Void>

    /// Takes the signals over from now on; once in a process.
    init() {
        signal(SIGPIPE, SIG_IGN)
        // A file that hits its size limit is an error of the write, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        self.stream = stream
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no descriptor for signals is left")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let reading = ends[0]
        signalPipe = ends[1]
        source = DispatchSource.makeReadSource(fileDescriptor: reading)
        source.setEventHandler {
            var byte: UInt8 = 0
            read(reading, &byte, 1)
            // Whoever asks again does not want to wait.
            for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
            continuation.yield()
        }
        source.resume()
        for number in [SIGTERM, SIGINT] {
            signal(number) { _ in tellSignal() }
        }
    }

    /// Returns when the first signal came.
    func wait() async {
        for await _ in stream { return }
    }
}

/// Where each signal is told, a byte each (pipe(7)).
// Unsafe because it is set before the handlers that read it are there, and never again.
private nonisolated(unsafe) var signalPipe: Int32 = -1

/// Does what a signal handler may do, and no more (signal-safety(7)).
private func tellSignal() {
    let before = errno
    var byte: UInt8 = 0
    write(signalPipe, &byte, 1)
    errno = before
}
