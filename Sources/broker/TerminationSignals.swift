import Dispatch
import Foundation

/// SIGTERM and SIGINT as something to wait for; SIGPIPE is ignored, as every server must.
final class TerminationSignals: Sendable {
    // Unsafe because a dispatch source is thread-safe, but not marked so in this library.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    private let stream: AsyncStream<Void>

    /// Takes the signals over from now on.
    init() {
        signal(SIGPIPE, SIG_IGN)
        // A file that hits its size limit is an error of the write, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        self.stream = stream
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// Returns when the first signal came.
    func wait() async {
        for await _ in stream { return }
    }
}
