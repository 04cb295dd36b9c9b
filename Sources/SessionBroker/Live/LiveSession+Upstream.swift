internal import ContextStore
internal import WebServer

extension LiveSession {
    // MARK: Opening

    /// Opens the first upstream session, or the sideband.
    func begin() {
        timers.cancel(.reconnect, on: loop)
        // Whoever comes back finds it begun, be it between two attempts to reach upstream.
        guard openingCount == 0, endReason == nil else { return }
        // After a break, what was said before it is carried over.
        if plan.isResumed && isRenewable { return open(.loss) }
        open(
            .beginning,
            SessionOpening(fields: settings.fields, memory: plan.configuration.memory)
        )
    }

    /// Opens an upstream session with what `prepare` finds out for it.
    func open(
        _ reason: Opening.Reason,
        _ prepared: SessionOpening? = nil,
        modelIsToGoOn: Bool = false,
        lost: [String] = []
    ) {
        openingCount += 1
        let number = openingCount
        let subject = plan.subject
        let safetyIdentifier = plan.safetyIdentifier
        let (services, plan) = (services, plan)
        let (fields, memory) = (settings.fields, policy.memory)
        let continues = plan.carrier == .relay && (number > 1 || plan.isResumed)
        let task = Task { [self] in
            do {
                if number == 1, plan.isResumed, plan.carrier == .relay {
                    // What was being said when the process ended was cut then.
                    try await plan.store.endItemsInProgress(of: plan.session.id)
                }
                let with = try await prepared.orElse {
                    try await services.continuity.opening(
                        for: plan,
                        fields: fields,
                        memory: memory
                    )
                }
                let socket = try await services.opener.open(
                    subject,
                    safetyIdentifier: safetyIdentifier
                )
                let isStarted = socket.start(on: loop) {
                    UpstreamSide(self, number, opened: with, continues: continues)
                }
                if !isStarted { socket.close() }
            } catch {
                onLoop { $0.openingFailed(error, number) }
            }
        }
        opening = Opening(
            number: number,
            reason: reason,
            task: task,
            modelIsToGoOn: modelIsToGoOn,
            lost: lost
        )
    }

    /// A connection is there: it gets the session's settings before anything else.
    func upstreamOpened(_ side: UpstreamSide) {
        guard opening?.number == side.number, endReason == nil else {
            side.connection?.close(.normal)
            return
        }
        opening?.side = side
        // While the sideband was away, the greeting may have been heard.
        if side.number > 1 { callGreeting.end() }
        if plan.carrier == .relay {
            side.sendSettings(eventID: makeEventID())
        } else {
            side.askForSettings(of: plan.session.kind, eventID: makeEventID())
        }
        timers.start(.settingsDeadline, on: loop, after: services.settingsTime) { [weak self] in
            self?.settingsAreLate(side)
        }
        // The first one is heard at once: what it says belongs to the client.
        if opening?.reason == .beginning { takeOver() }
    }

    /// Upstream does not say that a session has its settings.
    private func settingsAreLate(_ side: UpstreamSide) {
        let error = UpstreamSocketError.timedOut(.configuring)
        guard side === upstream else { return openingFailed(error, side.number) }
        upstream = nil
        side.connection?.close(.normal)
        reopen(after: error, modelIsToGoOn: false, lost: [])
    }

    // MARK: Ending

    /// A connection is over.
    func upstreamClosed(_ side: UpstreamSide, _ closure: WebSocketClosure) {
        if side === opening?.side {
            return openingFailed(
                UpstreamLoss(closure, lastErrorCode: side.lastErrorCode),
                side.number
            )
        }
        if side === upstream {
            upstream = nil
            upstreamLost(UpstreamLoss(closure, lastErrorCode: side.lastErrorCode))
        }
        leaving.removeAll { $0 === side }
        finishIfOver()
    }
}

extension LiveSession.Plan {
    /// What the socket to upstream is about.
    fileprivate var subject: SocketSubject {
        switch carrier {
        case .call(let id): .call(id: id)
        case .relay: session.kind == .realtime ? .session(model: session.model) : .transcription
        }
    }
}

extension Optional where Wrapped: Sendable {
    /// The value, or what is found in its place.
    fileprivate func orElse(
        _ find: @Sendable () async throws -> Wrapped
    ) async rethrows -> Wrapped {
        if let self { return self }
        return try await find()
    }
}
