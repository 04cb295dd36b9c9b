internal import ContextStore
internal import JSON
internal import Logging
internal import Transcript
internal import WebServer

// What upstream says, and what the broker does on it.
extension LiveSession {
    /// An event of upstream's.
    func received(_ message: WebSocketMessage, from side: UpstreamSide) {
        guard case .text(let bytes) = message else {
            if side === upstream { passOn(message) }
            return
        }
        if side === upstream, EventPeek.isOutputAudio(bytes) { return receiveAudio(bytes) }
        guard let type = EventPeek.type(of: bytes) else {
            if side === upstream { passOn(message) }
            return
        }
        if side === upstream {
            receive(type, bytes, from: side)
        } else if side === opening?.side {
            receiveAhead(type, bytes, from: side)
        } else if RealtimeEventReader.isNeeded(type: type) {
            receiveLate(bytes, from: side)
        }
    }

    /// What is no event that we know of is the client's business.
    private func passOn(_ message: WebSocketMessage) {
        if case .text(let bytes) = message { return sendToClient(bytes) }
        client?.connection?.send(message)
        updateReading()
    }

    /// A piece of an answer's audio, of which most of a session consists.
    private func receiveAudio(_ bytes: [UInt8]) {
        let isFirst = reducer.isWaitingForOutputAudio
        spokenAudio.add(bytes, isFirst: isFirst)
        if isFirst { take([.outputAudio(itemID: nil, milliseconds: 0)]) }
        sendToClient(bytes)
        if client?.connection?.isCongested == true { updateReading() }
    }

    /// Another event of the current upstream session.
    private func receive(_ type: String, _ bytes: [UInt8], from side: UpstreamSide) {
        defer { updateReading() }
        guard isConcerned(type) else { return sendToClient(bytes) }
        guard let object = UpstreamEvent.parse(bytes)?.objectValue else {
            return passOnUnread(type, bytes)
        }
        let clean = services.scrubber.scrub(type, object)
        let event = JSONValue.object(clean ?? object)
        let bytes = clean == nil ? bytes : event.bytes
        if side.isEcho(type, event) { return }
        if type == "conversation.item.added" { fillGap(before: event) }
        if type == "conversation.item.retrieved" { retrieved(event) }
        show(type, clean ?? object, bytes, from: side)
        takeAudio(of: side)
        take(side.read(event))
        follow(type, event, from: side)
        // A model that speaks because nobody does keeps no session alive.
        if !turn.isNudging { clock.noteActivity(at: now) }
    }

    /// An event that cannot be read: who may not see all is shown none that may have to be changed.
    private func passOnUnread(_ type: String, _ bytes: [UInt8]) {
        logger.warning("an event of upstream's cannot be read", metadata: ["type": "\(type)"])
        if plan.isTrusted || !view.concerns(type) { sendToClient(bytes) }
    }

    /// Tells the transcript how much audio belongs to the text so far.
    private func takeAudio(of side: UpstreamSide) {
        let ms = side.reader.milliseconds(ofOutputAudio: spokenAudio.take())
        if ms > 0 { take([.outputAudio(itemID: nil, milliseconds: ms)]) }
    }

    private func isConcerned(_ type: String) -> Bool {
        RealtimeEventReader.isNeeded(type: type) || view.concerns(type) || desk.concerns(type)
            || TurnState.concerns(type) || type == "rate_limits.updated"
    }

    private func show(
        _ type: String,
        _ event: JSONObject,
        _ bytes: [UInt8],
        from side: UpstreamSide
    ) {
        guard plan.carrier == .relay else { return }
        // A session that upstream ends goes on in the next one.
        if isRenewable, event["error"]?["code"] == "session_expired" { return }
        if type == "error", side.isConfigured, isOwn(errorOf: event) { return }
        if let shown = beginningShown(type, event, from: side) {
            return shown.map { sendToClient(JSONValue.object($0).bytes) } ?? ()
        }
        guard view.concerns(type) else { return sendToClient(bytes) }
        switch view.shown(type, event) {
        case .asItIs: sendToClient(bytes)
        case .changed(let changed): sendToClient(JSONValue.object(changed).bytes)
        case .nothing: break
        }
    }

    /// A client sees one `session.created`, with the settings that it gets right after; nil when the
    /// event is none of the beginning's, and inside nil when it is not shown.
    private func beginningShown(
        _ type: String,
        _ event: JSONObject,
        from side: UpstreamSide
    ) -> JSONObject?? {
        guard !side.isConfigured else { return nil }
        switch type {
        case "session.created":
            side.heldCreation = event
            return .some(nil)
        case "session.updated":
            guard let created = side.heldCreation, let session = event["session"] else {
                return nil
            }
            side.heldCreation = nil
            return view.beginning(created.setting("session", session))
        case "error":
            // The settings were refused: the client learns of the session as it is, and why.
            guard let created = side.heldCreation else { return nil }
            side.heldCreation = nil
            sendToClient(JSONValue.object(view.beginning(created)).bytes)
            return nil
        default: return nil
        }
    }

    /// What the broker itself does on an event.
    private func follow(_ type: String, _ event: JSONValue, from side: UpstreamSide) {
        turn.note(type, event, answersTurns: settings.answersTurns)
        unconfirmed.heard(type, event)
        callGreeting.note(type, event)
        if desk.concerns(type) { perform(desk.note(type, event)) }
        switch type {
        case "session.created":
            activate(upstreamID: event["session"]?["id"]?.stringValue)
            noteExpiry(event)
        case "session.updated": updated(event, from: side)
        case "rate_limits.updated": noteRateLimits(event)
        case "response.done": upstreamIsWell()
        case "error": noteError(event, from: side)
        default: closeDrained()
        }
        takeOverIfPossible()
    }

    /// A session that answers is no longer one that is lost again and again.
    private func upstreamIsWell() {
        losses = 0
        closeDrained()
    }

    private func updated(_ event: JSONValue, from side: UpstreamSide) {
        noteExpiry(event)
        let transcription = event["session"]?["audio"]?["input"]?["transcription"]
        transcription?["model"]?.stringValue.map { recorder?.transcribes(with: $0) }
        // Who is in the call itself may set what it likes there.
        if plan.carrier != .relay { settings.observed(event["session"]) }
        guard side.isConfigured else { return begun(side) }
        let before = settings.fields
        settings.confirmed()
        if plan.clientMayComeBack, settings.fields != before { keepSettings() }
    }

    /// What the client set holds after a restart, too.
    private func keepSettings() {
        var configuration = plan.configuration
        configuration.upstream = settings.fields
        let own = SessionConfiguration.own(
            settings.fields["instructions"]?.stringValue ?? "",
            before: policy.memory
        )
        configuration.instructions = own
        configuration.upstream["instructions"] = .string(own)
        settingsKeeper.keep(configuration)
    }

    /// Upstream's session is there, with the settings that it was to have or without.
    private func begun(_ side: UpstreamSide) {
        timers.cancel(.settingsDeadline, on: loop)
        side.isConfigured = true
        wasConfigured = true
        // In a call, nobody may say anything for long.
        if plan.carrier != .relay {
            timers.start(.trust, on: loop, after: Self.trustTime) { [weak self] in
                self?.losses = 0
            }
        }
        onAttached()
        fillGap()
        greet()
    }

    private func noteError(_ event: JSONValue, from side: UpstreamSide) {
        let cause = event["error"]?["event_id"]?.stringValue
        side.lastErrorCode = event["error"]?["code"]?.stringValue
        settings.refused(event)
        let isOwn = event.objectValue.map(isOwn) == true
        // What it says first is about its settings, which are what it gets first.
        if !side.isConfigured, isOwn || cause == nil { begun(side) }
        guard isOwn else { return }
        if side.lastErrorCode == "conversation_already_has_active_response" {
            desk.requestWasRefused()
        }
        if let id = missing.first(where: { $0.value == cause })?.key { missing[id] = nil }
        logger.warning(
            "upstream refused an event of the broker's",
            metadata: [
                "code": .string(side.lastErrorCode ?? "-"),
                "cause": .string(services.scrub(event["error"]?["message"]?.stringValue ?? "-")),
            ]
        )
    }

    /// Whether an error is about an event that the broker itself sent.
    private func isOwn(errorOf event: JSONObject) -> Bool {
        let cause = event["error"]?["event_id"]?.stringValue
        return cause?.hasPrefix("event_\(plan.session.id.text)_") == true
            || cause == GreetingEvent.id(plan.session.id)
    }

    /// Has the model speak first, once the session is as it should be.
    private func greet() {
        guard !hasGreeted else { return }
        hasGreeted = true
        guard let greeting = plan.configuration.greeting else { return }
        let event = GreetingEvent.make(greeting: greeting, session: plan.session.id)
        unconfirmed.sent("response.create", event, event.bytes)
        if plan.carrier != .relay, plan.configuration.speaks { callGreeting.begin() }
        turn.noteRequest(event["event_id"]?.stringValue)
        sendUpstream(event)
    }

    /// A transcript that comes when the upstream session is over already.
    private func receiveLate(_ bytes: [UInt8], from side: UpstreamSide) {
        guard let event = UpstreamEvent.parse(bytes) else { return }
        let isTranscript =
            event["type"]?.stringValue?.hasPrefix("conversation.item.input_audio") == true
        // What the model still says of a turn that was cut short, nobody hears.
        if isTranscript || !side.isCutShort { take(side.read(event)) }
        if isTranscript { sendToClient(bytes) }
        closeDrained()
    }
}
