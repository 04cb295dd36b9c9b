import Foundation
import Logging
import Locking

/// Writes log lines to standard error from a thread of its own, so that no request waits for it.
///
/// What waits is bounded: beyond it lines are dropped, and their number is logged.
final class LogWriter: Sendable {
    private static let limitBytes = 4 * 1_024 * 1_024

    private struct State {
        var buffer: [UInt8] = []
        var droppedLines = 0
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Starts the thread, which lives as long as the process.
    init() {
        Thread.detachNewThread { [self] in
            while true {
                wake.wait()
                flush()
                // Lines that come meanwhile go out together.
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
    }

    func append(_ line: String) {
        let wasEmpty = state.withLock { state in
            guard state.buffer.count < Self.limitBytes else {
                state.droppedLines += 1
                return false
            }
            state.buffer.append(contentsOf: line.utf8)
            return state.buffer.count == line.utf8.count
        }
        if wasEmpty { wake.signal() }
    }

    /// Writes what waits; call it before the process ends.
    func flush() {
        var (bytes, dropped) = state.withLock { state in
            let waiting = (state.buffer, state.droppedLines)
            state = State()
            return waiting
        }
        if dropped > 0 { bytes += Array("warning: \(dropped) log lines were dropped\n".utf8) }
        guard !bytes.isEmpty else { return }
        // A log that cannot be written must not stop the broker, so what fails is dropped.
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// One line a message: time, level, text, then `key=value` in the order of the keys.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let writer: LogWriter

    init(level: Logger.Level, writer: LogWriter) {
        logLevel = level
        self.writer = writer
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(Self.time()) \(event.level.rawValue) \(Self.escaped("\(event.message)"))"
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(Self.escaped("\(value)"))"
        }
        writer.append(line + "\n")
    }

    private static func time() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var calendar = tm()
        gmtime_r(&now.tv_sec, &calendar)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &calendar)
        let milliseconds = String(1_000 + now.tv_nsec / 1_000_000).dropFirst()
        return String(decoding: text[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
            + ".\(milliseconds)Z"
    }

    /// One word on one line: quoted when it has spaces, without control characters.
    private static func escaped(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x7F }
        return isPlain ? text : text.debugDescription
    }
}
