internal import WebServer

/// Runs a session on an event loop: gives it time, makes its speech and hands on what it wants.
///
/// `@unchecked Sendable` because all but its constants is touched by the loop's thread only.
final class SessionRunner<Session: SimulatedSession>: @unchecked Sendable {
    private let loop: EventLoop
    private let speech: SpeechMaker
    private let beginning: ContinuousClock.Instant
    private let handle: (SessionAction) -> Void
    private var session: Session?
    private var timer: TimerID?

    /// - Parameters:
    ///   - session: A session that has not begun.
    ///   - loop: Whose thread makes this, and calls everything else.
    ///   - speech: Who speaks.
    ///   - handle: Performs every action but speech.
    init(
        _ session: Session,
        on loop: EventLoop,
        _ speech: SpeechMaker,
        handle: @escaping (SessionAction) -> Void
    ) {
        self.session = session
        self.loop = loop
        self.speech = speech
        self.handle = handle
        beginning = loop.now
    }

    /// Lets the session do something, and performs what it wants.
    func run(_ body: (inout Session, _ now: Duration) -> [SessionAction]) {
        guard var session else { return }
        // Taken out, so that it is changed in place instead of being copied.
        self.session = nil
        let actions = body(&session, now)
        self.session = session
        perform(actions)
    }

    /// Forgets the session; nothing happens any more.
    func stop() {
        timer.map(loop.cancel)
        timer = nil
        session = nil
    }

    private var now: Duration { loop.now - beginning }

    private func perform(_ actions: [SessionAction]) {
        for action in actions {
            if case .speak(let request) = action { speak(request) } else { handle(action) }
        }
        scheduleNext()
    }

    private func speak(_ request: SpeechRequest) {
        speech.make(request) { [self] audio in
            loop.execute { [self] in
                run { $0.speechIsReady(audio, for: request, at: $1) }
            }
        }
    }

    private func scheduleNext() {
        timer.map(loop.cancel)
        timer = session?.nextDue.map { due in
            loop.schedule(after: max(.zero, due - now)) { [weak self] in
                self?.run { $0.advance(to: $1) }
            }
        }
    }
}
