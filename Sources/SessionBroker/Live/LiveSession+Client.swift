internal import ContextStore
internal import JSON
internal import Logging
internal import Transcript
internal import WebServer

extension LiveSession {
    /// The close code for a socket whose client has come back on another.
    static let takenOverCode: WebSocketCloseCode = 4_409
    /// The close code of a client that gives up a connection and comes back on another.
    static let comingBackCode: WebSocketCloseCode = 4_408

    // MARK: Coming and going

    /// A client is upgraded; one that leaves before that leaves nothing behind.
    func expectClient() {
        guard client == nil, endReason == nil else { return }
        timers.start(.reconnect, on: loop, after: services.upgradeTime) { [weak self] in
            self?.end("client_lost")
        }
    }

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
        hasHadClient = true
        startClock()
        updateReading()
        begin()
    }

    /// Tells the client where it is, and what it missed.
    private func welcome(_ side: ClientSide, _ connection: WebSocketConnection) {
        guard plan.showsBrokerEvents else { return }
        let welcomeID = makeEventID()
        var replay = EventBacklog.Replay(events: [], isComplete: true)
        if case .again(let eventID) = side.arrival {
            replay = backlog.replay(after: eventID)
            // What was sent before a restart is not kept.
            replay.isComplete = replay.isComplete && (hasHadClient || !plan.isResumed)
            backlog.welcomed(by: welcomeID, after: eventID)
        } else {
            backlog.welcomed(by: welcomeID, after: nil)
        }
        let event = BrokerEvent.session(
            plan.session,
            isResumed: side.arrival != .first,
            replay: replay,
            id: welcomeID
        )
        connection.send(.text(event.bytes))
        for event in replay.events { connection.send(.text(event)) }
    }

    /// A client is gone: for good, or it is waited for.
    func clientClosed(_ side: ClientSide, _ closure: WebSocketClosure) {
        guard side === client else { return }
        client = nil
        guard endReason == nil else { return finishIfOver() }
        guard closure.code == .abnormal || closure.code == Self.comingBackCode else {
            if closure.code.isSendable {
                upstream?.closeCode = closure.code
                upstream?.closeReason = closure.reason
            }
            return end("client_closed")
        }
        guard plan.showsBrokerEvents, services.reconnectTime > .zero else {
            return end("client_lost")
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
        defer { if upstream.connection?.isCongested != false { updateReading() } }
        guard !isOfNoConcern(message) else {
            upstream.connection?.send(message)
            return
        }
        guard case .text(let bytes) = message, let event = try? JSONValue(parsing: bytes),
            let object = event.objectValue, let type = object["type"]?.stringValue
        else { return refuse(message, upstream) }
        turn.noteClient()
        clock.noteActivity(at: now)
        guard let current = BetaDialect.forUpstream(object) else {
            return receive(type, object, message, upstream)
        }
        let name = current["type"]?.stringValue ?? type
        receive(name, current, .text(JSONValue.object(current).bytes), upstream)
    }

    /// Whether all that an event may be read as goes upstream as it is.
    private func isOfNoConcern(_ message: WebSocketMessage) -> Bool {
        guard case .text(let bytes) = message else { return false }
        if EventPeek.isInputAudio(bytes) {
            turn.noteAudio(detectsTurns: settings.detectsTurns)
            return true
        }
        return EventPeek.soleType(of: bytes).map { !isConcernedByClient($0) } ?? false
    }

    /// An event that cannot be read here: upstream might read in it what a browser may not say.
    private func refuse(_ message: WebSocketMessage, _ upstream: UpstreamSide) {
        guard !plan.isTrusted else {
            upstream.connection?.send(message)
            return
        }
        sendError(
            type: "invalid_request_error",
            code: "invalid_event",
            message: "An event is a text message with a JSON object, which has one type."
        )
    }

    private func receive(
        _ type: String,
        _ event: JSONObject,
        _ message: WebSocketMessage,
        _ upstream: UpstreamSide
    ) {
        var (event, message) = (event, message)
        if type == "session.update" { noteTools(of: event) }
        switch policy.concerns(type) ? policy.verdict(on: event) : .forward {
        case .forward: break
        case .replace(let allowed, let leftOut):
            tellLeftOut(leftOut, of: event)
            event = allowed
            message = .text(JSONValue.object(allowed).bytes)
        case .refuse(let field):
            return sendError(
                type: "invalid_request_error",
                code: "not_allowed",
                message: "Only the owner may give the model instructions.",
                param: field,
                cause: event["event_id"]?.stringValue
            )
        }
        if type == "session.update" { settings.willSend(event, bytes: message.bytes.count) }
        upstream.connection?.send(message)
        let json = JSONValue.object(event)
        unconfirmed.sent(type, json, message.bytes)
        if type == "response.create", event["response"]?["conversation"] != "none" {
            turn.noteRequest(event["event_id"]?.stringValue)
        }
        take(upstream.reader.read(json, from: .client))
    }

    private func isConcernedByClient(_ type: String) -> Bool {
        policy.concerns(type) || RealtimeEventReader.isNeeded(type: type)
            || BetaDialect.concernsClient(type)
    }

    /// Calls of a tool that a server brings itself are its own, whatever the name.
    private func noteTools(of update: JSONObject) {
        guard plan.isTrusted, let tools = update["session"]?["tools"]?.arrayValue else { return }
        let own = Set(tools.compactMap { $0["name"]?.stringValue })
        let brokers = Set(policy.brokerTools.compactMap { $0["name"]?.stringValue })
        desk.tools = brokers.subtracting(own)
        view.brokerTools = desk.tools
    }

    private func tellLeftOut(_ leftOut: [String], of event: JSONObject) {
        guard let first = leftOut.first else { return }
        tell { id in
            BrokerEvent.error(
                code: "not_allowed",
                message: "Only the owner may set \(leftOut.prefix(20).joined(separator: ", ")).",
                param: first,
                cause: event["event_id"]?.stringValue,
                id: id
            )
        }
    }
}
