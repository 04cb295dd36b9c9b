internal import ContextStore
internal import JSON
internal import Logging
internal import Transcript
internal import WebServer

// Upstream ends its sessions after an hour, and sometimes loses them. The session goes on in the next
// one, which knows what was said by the memory block and by the last turns.
extension LiveSession {
    /// Whether the client waits while what was said last is carried over.
    var isTakingOver: Bool { opening?.isTakingOver == true }

    /// Opens the next upstream session in good time.
    func renew() {
        // Between two attempts, what is waited for opens the next one.
        guard isRenewable, upstream != nil, opening == nil, endReason == nil else { return }
        open(.expiry)
    }

    /// An event of a session that has not taken over yet.
    func receiveAhead(_ type: String, _ bytes: [UInt8], from side: UpstreamSide) {
        switch type {
        case "session.updated":
            guard !side.isConfigured else { return }
            if let event = try? JSONValue(parsing: bytes) {
                side.expiry = event
                // For the format of its audio.
                _ = side.read(event)
            }
            settled(side)
        case "session.created": side.expiry = try? JSONValue(parsing: bytes)
        case "error":
            let event = try? JSONValue(parsing: bytes)
            side.lastErrorCode = event?["error"]?["code"]?.stringValue
            logger.error(
                "upstream refused what a session should go on with",
                metadata: [
                    "code": .string(side.lastErrorCode ?? "-"),
                    "cause": .string(
                        services.scrub(event?["error"]?["message"]?.stringValue ?? "-")
                    ),
                ]
            )
            if !side.isConfigured { settingsRefused(by: side) }
        default: break
        }
    }

    /// The next upstream session has its settings, as far as it takes any.
    private func settled(_ side: UpstreamSide) {
        timers.cancel(.settingsDeadline, on: loop)
        side.isConfigured = true
        opening?.isReady = true
        takeOverIfPossible()
    }

    /// Goes on with the settings that upstream had before; when it refuses even these, as it may have
    /// done in the beginning, with what it has by itself.
    private func settingsRefused(by side: UpstreamSide) {
        guard !side.hasFallenBack else { return settled(side) }
        side.fallBack(
            to: SessionOpening(fields: settings.fields, memory: policy.memory),
            eventID: makeEventID()
        )
    }

    /// Lets the next upstream session take over, if there is one and nobody is cut short by it.
    func takeOverIfPossible() {
        guard let opening, opening.isReady, !opening.isTakingOver else { return }
        guard mayTakeOver(opening) else { return }
        self.opening?.isTakingOver = true
        updateReading()
        let number = opening.number
        timers.start(.takeOverDeadline, on: loop, after: Self.takeOverTime) { [weak self] in
            self?.takeOverIsLate(number)
        }
        carryOver()
    }

    /// The store is slow: as long as upstream is well, the client is not kept waiting for it.
    private func takeOverIsLate(_ number: Int) {
        guard upstream != nil, isTakingOver else { return }
        openingFailed(UpstreamSocketError.timedOut(.configuring), number)
    }

    /// Whether nobody is cut short by it, or it has to be.
    private func mayTakeOver(_ opening: Opening) -> Bool {
        upstream == nil || opening.isUrgent
            || turn.isBoundary && desk.isIdle && unconfirmed.isEmpty
                && !reducer.isWaitingForTranscriptions
    }

    /// Brings the last turns into the next upstream session, once all that was said is on disk.
    private func carryOver() {
        let (services, plan) = (services, plan)
        let (recorder, number, count) = (recorder, opening?.number, recordCount)
        Task { [self] in
            await recorder?.flush()
            do {
                let turns = try await services.continuity.lastTurns(of: plan)
                onLoop { session in
                    guard session.opening?.number == number else { return }
                    session.finishTakingOver(with: turns, of: count)
                }
            } catch {
                // Going on without them would be another conversation.
                onLoop { session in number.map { session.openingFailed(error, $0) } }
            }
        }
    }

    /// With the last turns as they were when so much was recorded.
    private func finishTakingOver(with turns: SessionContinuity.LastTurns, of count: Int) {
        guard endReason == nil, let opening, let side = opening.side, side.connection != nil
        else { return }
        // Somebody began to speak meanwhile: the next boundary is waited for.
        guard mayTakeOver(opening) else {
            self.opening?.isTakingOver = false
            timers.cancel(.takeOverDeadline, on: loop)
            return updateReading()
        }
        // More was said meanwhile. It cannot be so for long, as what is said is recorded by the second.
        guard recordCount == count else { return carryOver() }
        timers.cancel(.takeOverDeadline, on: loop)
        hideBrokerCalls(in: turns)
        side.carryOver(turns)
        for item in turns.items {
            side.send([
                "type": "conversation.item.create", "event_id": .string(makeEventID()),
                "item": item,
            ])
        }
        takeOver()
        // A broker that was killed in between has not answered these.
        for call in turns.openCalls { perform(desk.recover(call)) }
    }

    /// What is the broker's own among the last turns stays so, also where another process put it there.
    private func hideBrokerCalls(in turns: SessionContinuity.LastTurns) {
        var calls: Set<String> = []
        for item in turns.items {
            let isCall =
                item["type"] == "function_call"
                && desk.tools.contains(item["name"]?.stringValue ?? "")
            guard let id = item["id"]?.stringValue, let call = item["call_id"]?.stringValue,
                isCall || calls.contains(call)
            else { continue }
            calls.insert(call)
            view.hide(id)
        }
    }

    /// The next upstream session is the current one from now on.
    func takeOver() {
        guard var opening, let side = opening.side else { return }
        let old = upstream
        let isModelsTurn = turn.isModelsTurn || opening.modelIsToGoOn
        let isBoundary = turn.isBoundary
        upstream = side
        self.opening = nil
        if let old {
            // Nobody spoke: what was not heard is silence.
            if !isBoundary || !turn.responsesApart.isEmpty { opening.lost = turn.lost }
            endResponses(because: opening.reason)
            cutShort(old, isBoundary: isBoundary)
        }
        // Of a call, nothing was heard since, so that this is the broker's own request.
        let requestIsOwed = turn.isModelsTurn && desk.isIdle
        turn = TurnState()
        if let expiry = side.expiry { noteExpiry(expiry) }
        // The first one has nothing to go on with, and a call has gone on without us.
        guard plan.carrier == .relay, opening.reason != .beginning || losses > 0 else {
            if plan.carrier != .relay { catchUp(on: side, requestIsOwed: requestIsOwed) }
            return updateReading()
        }
        takeSettingsOver(to: side)
        tell { BrokerEvent.renewed(opening, session: plan.session.id, id: $0) }
        for event in unconfirmed.events { side.connection?.send(.text(event)) }
        // With calls under way, the model goes on when they are answered.
        if isModelsTurn && desk.isIdle { goOn() }
        updateReading()
    }

    /// Tells the client, and notes, that what the model was saying is over with upstream's session.
    private func endResponses(because reason: Opening.Reason) {
        for id in turn.activeResponses.union(turn.responsesApart).sorted() {
            sendToClient(
                BrokerEvent.failedResponse(id, because: reason, eventID: makeEventID()).bytes
            )
        }
        desk.upstreamEnded()
    }

    /// Lets the upstream session before go; what it was saying ends here.
    private func cutShort(_ old: UpstreamSide, isBoundary: Bool) {
        old.isCutShort = !isBoundary
        // What it would still say, nobody hears.
        if !isBoundary {
            old.send(["type": "response.cancel", "event_id": .string(makeEventID())])
        }
        leave(old)
        if !isBoundary { record(reducer.finish(at: now)) }
    }

    /// Tells the next upstream session what was set since it was opened.
    private func takeSettingsOver(to side: UpstreamSide) {
        var fields = settings.fields
        let own = SessionConfiguration.own(
            fields["instructions"]?.stringValue ?? "",
            before: policy.memory
        )
        let memory = side.opened.memory
        fields["instructions"] = .string(Prompt.instructions(own, with: memory))
        view.memory = memory
        policy.memory = memory
        var correction: JSONObject?
        if fields != side.opened.fields {
            correction = [
                "type": "session.update", "event_id": .string(makeEventID()),
                "session": .object(fields),
            ]
        }
        settings.took(over: fields, correction)
        if let correction { side.send(.object(correction)) }
        for update in settings.unconfirmed { side.send(.object(update)) }
    }

    /// Has the model speak, as the client asked for it if it did.
    private func goOn() {
        guard let request = unconfirmed.responseRequest else {
            return perform([.requestResponse])
        }
        turn.noteRequest((try? JSONValue(parsing: request))?["event_id"]?.stringValue)
        upstream?.connection?.send(.text(request))
    }

    /// The current upstream session is gone without our doing.
    func upstreamLost(_ loss: UpstreamLoss) {
        timers.cancel(.checkpoint, on: loop)
        timers.cancel(.trust, on: loop)
        wasAway = true
        let lost = turn.lost
        let modelIsToGoOn = turn.isModelsTurn
        // A call goes on without us; what we missed of it is asked for later.
        if plan.carrier == .relay { record(reducer.finish(at: now)) }
        guard endReason == nil else { return }
        logger.notice(
            "an upstream session was lost",
            metadata: ["cause": .string(services.scrub("\(loss)"))]
        )
        endResponses(because: .loss)
        turn = TurnState()
        if var opening {
            opening.isUrgent = true
            opening.modelIsToGoOn = modelIsToGoOn
            opening.lost = lost
            self.opening = opening
            return takeOverIfPossible()
        }
        reopen(after: loss, modelIsToGoOn: modelIsToGoOn, lost: lost)
    }

    /// There is no connection to the next upstream session.
    func openingFailed(_ error: any Error, _ number: Int) {
        guard let failed = opening, failed.number == number, endReason == nil else { return }
        opening = nil
        timers.cancel(.settingsDeadline, on: loop)
        timers.cancel(.takeOverDeadline, on: loop)
        failed.side?.connection?.close(.normal)
        updateReading()
        logger.error(
            "upstream cannot be reached",
            metadata: ["cause": .string(services.scrub("\(error)"))]
        )
        // The current one is still good; the clock tries again while there is time.
        if upstream != nil { return retryRenewal() }
        reopen(after: error, modelIsToGoOn: failed.modelIsToGoOn, lost: failed.lost)
    }

    private func retryRenewal() {
        timers.start(.reopen, on: loop, after: .seconds(2)) { [weak self] in self?.renew() }
    }

    /// Tries to open an upstream session again, unless that is of no use.
    func reopen(after error: any Error, modelIsToGoOn: Bool, lost: [String]) {
        losses += 1
        let isCall = plan.carrier != .relay
        // Who cannot be reached at first is not tried again while the client waits.
        let isWorthIt = (error as? UpstreamLoss).map { !$0.isFinal } ?? hasBeenOpen
        guard isWorthIt, isCall || isRenewable, losses <= services.maximumLosses else {
            return giveUp(error)
        }
        let pause = Duration.milliseconds(100) * (1 << min(losses - 1, 4))
        timers.start(.reopen, on: loop, after: losses == 1 ? .zero : pause) { [weak self] in
            self?.reopenNow(modelIsToGoOn: modelIsToGoOn, lost: lost)
        }
    }

    private func reopenNow(modelIsToGoOn: Bool, lost: [String]) {
        guard endReason == nil, opening == nil, upstream == nil else { return }
        guard plan.carrier == .relay, hasBeenOpen else {
            return open(
                .beginning,
                SessionOpening(fields: settings.fields, memory: policy.memory),
                modelIsToGoOn: modelIsToGoOn,
                lost: lost
            )
        }
        open(.loss, modelIsToGoOn: modelIsToGoOn, lost: lost)
    }

    /// Whether upstream took the session at least once.
    private var hasBeenOpen: Bool { wasConfigured || plan.carrier != .relay }

    private func giveUp(_ error: any Error) {
        if let loss = error as? UpstreamLoss {
            let code = loss.closure.code
            return end(
                // A call that goes on without us is hung up.
                plan.carrier == .relay || !loss.isFinal ? "upstream_closed" : "call_ended",
                code: code.isSendable ? code : .internalError,
                text: services.scrub(loss.closure.reason)
            )
        }
        sendError(
            code: UpstreamRefusal.code(of: error),
            message: UpstreamRefusal.message(of: error)
        )
        end("upstream_failed", code: .internalError, text: "upstream cannot be reached")
    }
}
