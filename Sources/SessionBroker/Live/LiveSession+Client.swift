internal import ContextStore
internal import JSON
internal import Logging
internal import Transcript
internal import WebServer

extension LiveSession {
    /// The close code for a socket whose client has come back on another.
    static let takenOverCode: WebSocketCloseCode = 4_409

    // MARK: Coming and going

    /// A client is there; until upstream is, nothing of it is read.
    func clientOpened(_ side: ClientSide) {
        guard endReason == nil, let connection = side.connection else {
            side.connection?.close(.goingAway, reason: endReason ?? "")
            return
        }
        client?.connection?.close(Self.takenOverCode, reason: "the client has another connection")
        client = side
        timers.cancel(.reconnect, on: loop)
        clock.noteActivity(at: now)
        welcome(side, connection)
        startClock()
        updateReading()
        begin()
    }

    /// Tells the client where it is, and what it missed.
    private func welcome(_ side: ClientSide, _ connection: WebSocketConnection) {
        guard plan.showsBrokerEvents else { return }
        var replay = EventBacklog.Replay(events: [], isComplete: true)
        if case .again(let eventID) = side.arrival {
            replay = backlog.replay(after: eventID)
            replay.isComplete = replay.isComplete && !plan.isResumed
        }
        let event = BrokerEvent.session(
            plan.session,
            isResumed: side.arrival != .first,
            isComplete: replay.isComplete,
            id: makeEventID()
        )
        connection.send(.text(event.bytes))
        for event in replay.events { connection.send(.text(event)) }
    }

    /// A client is gone: for good, or it is waited for.
    func clientClosed(_ side: ClientSide, _ closure: WebSocketClosure) {
        guard side === client else { return }
        client = nil
        guard endReason == nil else { return finishIfOver() }
        let hasLostNetwork = closure.code == .abnormal || closure.code == .noStatus
        guard hasLostNetwork, plan.showsBrokerEvents, services.reconnectTime > .zero else {
            return end("client_closed")
        }
        updateReading()
        timers.start(.reconnect, on: loop, after: services.reconnectTime) { [weak self] in
            self?.end("client_lost")
        }
    }

    // MARK: Receiving

    /// An event of the client's.
    func received(_ message: WebSocketMessage, from side: ClientSide) {
        guard side === client, let upstream else { return }
        defer { updateReading() }
        guard case .text(let bytes) = message, let type = EventPeek.type(of: bytes) else {
            upstream.connection?.send(message)
            return
        }
        guard isConcernedByClient(type), let event = try? JSONValue(parsing: bytes),
            let object = event.objectValue
        else {
            upstream.connection?.send(message)
            return
        }
        clock.noteActivity(at: now)
        if policy.concerns(type) {
            update(object, message, to: upstream)
        } else {
            upstream.connection?.send(message)
        }
        unconfirmed.sent(type, event, bytes)
        if type == "response.create", event["response"]?["conversation"] != "none" {
            turn.noteRequest()
        }
        take(upstream.reader.read(event, from: .client))
    }

    private func isConcernedByClient(_ type: String) -> Bool {
        policy.concerns(type) || RealtimeEventReader.isNeeded(type: type)
    }

    /// Passes on what a policy allows of an update.
    private func update(
        _ event: JSONObject,
        _ message: WebSocketMessage,
        to upstream: UpstreamSide
    ) {
        guard case .replace(let allowed, let leftOut) = policy.verdict(on: event) else {
            settings.willSend(event)
            upstream.connection?.send(message)
            return
        }
        settings.willSend(allowed)
        upstream.send(.object(allowed))
        guard let first = leftOut.first else { return }
        tell { id in
            BrokerEvent.error(
                code: "not_allowed",
                message: "Only the owner may set \(leftOut.joined(separator: ", ")).",
                param: first,
                cause: event["event_id"]?.stringValue,
                id: id
            )
        }
    }
}
