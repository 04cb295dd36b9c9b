internal import Locking
internal import Logging

/// Has a session's settings outlive this process: a client that comes back after a restart finds them
/// as it left them.
///
/// Writes one at a time, and only the latest.
final class SettingsKeeper: Sendable {
    private struct State {
        var next: SessionConfiguration?
        /// Writes until nothing is left to be written.
        var task: Task<Void, Never>?
    }

    private let write: @Sendable (SessionConfiguration) async throws -> Void
    private let logger: Logger
    private let state = Mutex(State())

    /// A keeper that writes by a function.
    init(
        logger: Logger,
        _ write: @escaping @Sendable (SessionConfiguration) async throws -> Void
    ) {
        self.logger = logger
        self.write = write
    }

    /// Keeps these settings, soon; from any thread.
    func keep(_ configuration: SessionConfiguration) {
        state.withLock { state in
            state.next = configuration
            if state.task == nil { state.task = Task { await writeAll() } }
        }
    }

    /// Returns when what was to be kept is on disk, or could not be stored.
    func flush() async {
        await state.withLock(\.task)?.value
    }

    private func writeAll() async {
        while let next = take() {
            do {
                try await write(next)
            } catch {
                logger.error("settings could not be stored", metadata: ["cause": "\(error)"])
            }
        }
    }

    private func take() -> SessionConfiguration? {
        state.withLock { state in
            defer { state.next = nil }
            if state.next == nil { state.task = nil }
            return state.next
        }
    }
}
