internal import Captions
internal import JSON
internal import Logging
internal import WebServer

/// What the sessions of a link call, and how one takes over from the other.
extension UpstreamLink {
    /// A silence of this length is a good moment for a change.
    private static let quietMs: Int64 = 300
    /// A session that stays for so long is worth trusting.
    private static let trustTime: Duration = .seconds(10)

    /// A connection is there.
    func opened(_ session: BroadcastUpstream) {
        noteOpened(session)
        guard isWanted, session.number == number, candidate == nil else { return session.close() }
        candidate = session
        // One that takes its settings in no time must not stand in the way of another.
        loop.schedule(after: services.readyTime) { [weak session] in
            if session?.isReady == false { session?.abort() }
        }
    }

    /// An event of upstream's.
    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream) {
        switch type {
        case "session.created": session.upstreamID = event["session"]?["id"]?.stringValue ?? ""
        case "session.updated" where !session.isReady:
            session.isReady = true
            noteExpiry(event, of: session)
            if session === candidate, current == nil { takeOver() } else { takeOverIfPossible() }
        case "rate_limits.updated": feed?.noteRateLimits(event)
        default:
            if type == "error" { noteError(event, session) }
            tell(queue.said((type, event), session))
        }
    }

    /// A connection is over.
    func closed(_ session: BroadcastUpstream, _ closure: WebSocketClosure) {
        let reason = GapReason(closure, of: session, error: recentError(of: session))
        if session === candidate {
            candidate = nil
            notOpened(reason)
        } else if session === current {
            current = nil
            clock.forgetRenewal()
            feed?.bill(session, isLast: true)
            feed?.setState(.interrupted(reason))
            tell(queue.ended(session, reason))
            if candidate?.isReady == true { takeOver() } else { retryLater(reason) }
        } else {
            tell(queue.ended(session, session.isDone ? nil : reason))
        }
        feed?.noteIdle()
    }

    /// Upstream has caught up with the audio.
    func drained(_ session: BroadcastUpstream) { feed?.noteDrained() }

    private func tell(
        _ outputs: [SessionQueue<BroadcastUpstream, (type: String, event: JSONValue)>.Output]
    ) {
        for output in outputs {
            switch output {
            case .said(let it, let session): feed?.received(it.type, it.event, from: session)
            case .ended(let session, let reason): feed?.ended(session, reason)
            }
        }
    }

    private func noteError(_ event: JSONValue, _ session: BroadcastUpstream) {
        let code = event["error"]?["code"]?.stringValue
        // A commit at the end may find nothing to commit.
        guard code != "input_audio_buffer_commit_empty" else { return }
        session.lastError = (code ?? "error", now)
        (feed?.broadcast.logger ?? services.logger).warning(
            "upstream refused something of a broadcast",
            metadata: [
                "code": .string(code ?? "-"),
                "event_id": .string(event["error"]?["event_id"]?.stringValue ?? "-"),
                "cause": .string(services.scrub(event["error"]?["message"]?.stringValue ?? "-")),
            ]
        )
        if !session.isReady, session === candidate { session.close() }
    }

    /// An error that was told long ago is not why a session is lost now.
    private func recentError(of session: BroadcastUpstream) -> String? {
        guard let error = session.lastError, now - error.at < services.errorTime else { return nil }
        return error.code
    }

    private func noteExpiry(_ event: JSONValue, of session: BroadcastUpstream) {
        guard let expiry = event["session"]?["expires_at"]?.integerValue, expiry > 0 else { return }
        session.expiresIn = .seconds(expiry) - .milliseconds(services.wallClockMilliseconds())
        session.expiryNotedAt = now
    }

    // MARK: Changing over

    func takeOverIfPossible() {
        guard let candidate, candidate.isReady, let current else { return }
        if isUrgent || current.isQuiet(forMs: Self.quietMs) { takeOver() }
    }

    private func takeOver() {
        guard let next = candidate else { return }
        candidate = nil
        isUrgent = false
        let last = current
        current = next
        queue.append(next)
        // It may have nothing more to say, and be over at once.
        if let last { leave(last) }
        clock = SessionClock(SessionClock.Limits(), at: now)
        if let rest = next.expiresIn {
            clock.upstreamExpires(in: rest - (now - next.expiryNotedAt), at: now)
        }
        for frame in pending { _ = next.append(frame) }
        let since = pending.first?.startMs
        pending = []
        feed?.opened(next, withAudioSince: since)
        // One that does not stay is asked for ever more slowly.
        loop.schedule(after: Self.trustTime) { [weak self, number = next.number] in
            if self?.current?.number == number { self?.losses = 0 }
        }
    }
}
