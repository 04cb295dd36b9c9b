internal import Captions
internal import ContextStore
internal import JSON
internal import WebServer

/// One who listens, by a WebSocket or by server-sent events; it has no task and no timer of its own.
///
/// `@unchecked Sendable` because all state is touched by its loop's thread only.
final class Listener: WebSocketHandler, EventStreamHandler, @unchecked Sendable {
    /// What a listener asks for.
    struct Wish: Sendable {
        var language: String
        /// How far it has come.
        var mark: EventMark?
        var wantsAudio = false
        /// The hash of the token by which it was let in; nil for who needs none.
        var tokenHash: [UInt8]?
    }

    private enum Output {
        case socket(WebSocketConnection)
        case stream(EventStream)
    }

    private static let ping = Array(": ping\n\n".utf8)
    private static let tooSlow = "The connection is too slow. Come back for what is missing."

    private let broadcasts: Broadcasts
    private let owned: OwnedBroadcast
    private let tokenHash: [UInt8]?
    private var wish: Wish
    private var output: Output?
    private var room: ListenerRoom?
    private var language: String?
    private var live: LiveBroadcast?
    /// Whether it waits to be let into a language.
    private var isEntering = false
    private var hasLeft = false
    /// What it was given of the past does not count as its being slow.
    private var replayBytes = 0

    init(_ broadcasts: Broadcasts, _ owned: OwnedBroadcast, _ wish: Wish) {
        self.broadcasts = broadcasts
        self.owned = owned
        self.wish = wish
        tokenHash = wish.tokenHash
    }

    var wantsAudio: Bool { wish.wantsAudio }

    // MARK: Coming

    func opened(_ connection: WebSocketConnection) {
        output = .socket(connection)
        join(on: connection.loop)
    }

    func opened(_ stream: EventStream) {
        output = .stream(stream)
        join(on: stream.loop)
    }

    private func join(on loop: EventLoop) {
        guard !isEntering else { return }
        isEntering = true
        let wish = wish
        broadcasts.withLive(owned) { [self] live in
            guard let live, let room = live.rooms.first(where: { $0.loop === loop }) else {
                loop.execute { self.close(.internalError, "the broadcast cannot be read") }
                return
            }
            loop.execute { self.live = live }
            live.join(self, in: room, language: wish.language, after: wish.mark)
        }
    }

    /// It is let into a language.
    ///
    /// - Returns: False when it has gone meanwhile, and the broadcast was told so.
    func enter(_ room: ListenerRoom, _ language: String) -> Bool {
        isEntering = false
        guard !hasLeft else {
            live?.onLoop { $0.leave(language, in: room) }
            return false
        }
        self.room = room
        self.language = language
        // It has changed its mind meanwhile.
        if wish.language != language { switchLanguage() }
        return self.language != nil
    }

    // MARK: Getting

    /// Sends what it gets first in a language.
    func welcome(_ events: [BroadcastEvent]) {
        replayBytes = events.reduce(0) { $0 + $1.byteCount }
        for event in events { put(event) }
    }

    /// Sends an event, unless the listener is too slow for it.
    func send(_ event: BroadcastEvent) {
        let waiting = queuedBytes
        if waiting == 0 { replayBytes = 0 }
        switch ListenerRule.verdict(
            waitingBytes: max(0, waiting - replayBytes),
            lasts: event.lasts
        ) {
        case .send: put(event)
        case .skip: break
        case .drop: drop()
        }
    }

    private func put(_ event: BroadcastEvent) {
        switch output {
        case .socket(let connection): connection.send(event.frame)
        case .stream(let stream): stream.send(event.lines)
        case nil: break
        }
    }

    private var queuedBytes: Int {
        switch output {
        case .socket(let connection): connection.queuedBytes
        case .stream(let stream): stream.queuedBytes
        case nil: 0
        }
    }

    /// Looks whether it is still there.
    func beat() {
        switch output {
        case .socket(let connection): connection.checkPeer()
        case .stream(let stream):
            if stream.queuedBytes < ListenerRule.skippingFromBytes { stream.send(Self.ping) }
        case nil: break
        }
    }

    // MARK: Saying

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        guard case .text(let bytes) = message, let event = try? JSONValue(parsing: bytes),
            event["type"] == "listener.update"
        else { return refuse("Send 'listener.update' with 'language' or 'audio'.") }
        if let audio = event["audio"]?.boolValue { wish.wantsAudio = audio }
        guard let wanted = event["language"]?.stringValue else { return }
        guard owned.broadcast.settings.allLanguages.contains(wanted) else {
            return refuse("The broadcast does not have this language.")
        }
        wish.language = wanted
        wish.mark = event["after"]?.stringValue.flatMap(EventMark.init)
        guard language != nil, language != wanted else { return }
        // Each language brings a past of its own, which is not to pile up.
        guard queuedBytes < ListenerRule.droppingFromBytes else { return drop() }
        switchLanguage()
    }

    private func refuse(_ message: String) {
        send(.error("invalid_event", message))
    }

    private func switchLanguage() {
        leaveRoom()
        guard let loop else { return }
        join(on: loop)
    }

    private var loop: EventLoop? {
        switch output {
        case .socket(let connection): connection.loop
        case .stream(let stream): stream.loop
        case nil: nil
        }
    }

    // MARK: Leaving

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) { left() }
    func closed(_ stream: EventStream) { left() }

    private func left() {
        hasLeft = true
        output = nil
        leaveRoom()
    }

    private func leaveRoom() {
        guard let room, let language, let live else { return }
        room.remove(self, from: language)
        live.onLoop { $0.leave(language, in: room) }
        self.room = nil
        self.language = nil
    }

    /// It is too slow: it is told so, and let go; it may come back for what it misses.
    private func drop() {
        let reason = "slow_listener"
        switch output {
        case .socket(let connection): connection.close(.tryAgainLater, reason: reason)
        case .stream(let stream):
            // Nothing else tells why; it is cut off without it if it does not take it soon.
            stream.send(BroadcastEvent.error(reason, Self.tooSlow).lines)
            stream.end()
        case nil: break
        }
        leaveRoom()
    }

    /// It is told that the broadcast is over, or only let go.
    func end(_ event: BroadcastEvent?, _ code: WebSocketCloseCode, _ reason: String) {
        if let event { put(event) }
        close(code, reason)
    }

    /// Whether the token by which it was let in, if any, is this one; from any thread.
    func isAdmitted(by hash: [UInt8]?) -> Bool { tokenHash == nil || tokenHash == hash }

    /// The token by which it was let in is none any more.
    func refuseToken() { close(.policyViolation, "token_replaced") }

    private func close(_ code: WebSocketCloseCode, _ reason: String) {
        switch output {
        case .socket(let connection): connection.close(code, reason: reason)
        case .stream(let stream): stream.end()
        case nil: break
        }
    }
}
