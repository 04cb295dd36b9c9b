internal import WebServer

/// The listeners of a broadcast that live on one event loop.
///
/// `@unchecked Sendable` because ``joined`` is touched by the broadcast's loop only, and all else by
/// its own loop.
final class ListenerRoom: @unchecked Sendable {
    /// How often it is seen whether listeners are still there, all at once.
    private static let heartbeat: Duration = .seconds(15)

    let loop: EventLoop
    /// How many have come and not left, as the broadcast sees it.
    var joined = 0
    private var byLanguage: [String: [ObjectIdentifier: Listener]] = [:]
    private var timer: TimerID?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Takes a listener in, and gives it what it is to get first.
    func add(_ listener: Listener, _ language: String, _ events: [BroadcastEvent]) {
        guard listener.enter(self, language) else { return }
        byLanguage[language, default: [:]][ObjectIdentifier(listener)] = listener
        listener.welcome(events)
        if timer == nil { beat() }
    }

    /// Lets a listener go.
    func remove(_ listener: Listener, from language: String) {
        byLanguage[language]?[ObjectIdentifier(listener)] = nil
    }

    /// Sends an event to the listeners of a language; nil for all.
    func deliver(_ event: BroadcastEvent, to language: String?, isAudio: Bool) {
        if let language {
            deliver(event, to: byLanguage[language] ?? [:], isAudio: isAudio)
        } else {
            for group in Array(byLanguage.values) { deliver(event, to: group, isAudio: isAudio) }
        }
    }

    /// The group is a copy, because those who are dropped take themselves out.
    private func deliver(
        _ event: BroadcastEvent,
        to group: [ObjectIdentifier: Listener],
        isAudio: Bool
    ) {
        for listener in group.values where !isAudio || listener.wantsAudio { listener.send(event) }
    }

    /// Tells all listeners that it is over, and closes them.
    func endAll(
        _ events: [String: BroadcastEvent?],
        _ reason: String,
        _ code: WebSocketCloseCode
    ) {
        for (language, group) in byLanguage {
            for listener in group.values { listener.end(events[language] ?? nil, code, reason) }
        }
    }

    /// Lets those go who came by another token.
    func dropTokens(but hash: [UInt8]?) {
        for group in byLanguage.values {
            for listener in group.values where !listener.isAdmitted(by: hash) {
                listener.refuseToken()
            }
        }
    }

    private func beat() {
        timer = loop.schedule(after: Self.heartbeat) { [weak self] in
            guard let self else { return }
            timer = nil
            for group in Array(byLanguage.values) {
                for listener in group.values { listener.beat() }
            }
            if byLanguage.contains(where: { !$0.value.isEmpty }) { beat() }
        }
    }
}
