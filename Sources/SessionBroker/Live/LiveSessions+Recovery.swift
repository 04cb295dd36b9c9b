internal import ContextStore
internal import Logging

extension LiveSessions {
    /// Goes on with what was live when the process ended without a word.
    ///
    /// Calls may still be in progress upstream, so that a sideband is attached again. The clients of
    /// relays may come back for a while; what nobody comes back to is ended.
    func recover(_ interrupted: [OwnedSession], planner: LivePlanner, store: ContextStore) {
        for owned in interrupted {
            if let callID = owned.session.upstreamID, callID.hasPrefix("rtc_") {
                follow(owned, callID, planner, store)
            } else {
                expect(owned.session, of: store.user(owned.user))
            }
        }
    }

    private func follow(
        _ owned: OwnedSession,
        _ callID: String,
        _ planner: LivePlanner,
        _ store: ContextStore
    ) {
        let admitted = AdmittedSession(
            session: owned.session,
            store: store.user(owned.user),
            user: owned.user,
            isTrusted: false
        )
        do {
            try follow(try planner.call(admitted, id: callID, isResumed: true))
        } catch {
            log(error, owned.session)
        }
    }

    /// Ends a session that nobody comes back to in time.
    private func expect(_ session: Session, of store: UserStore) {
        background { [self] in
            try? await Task.sleep(for: services.reconnectTime)
            guard !isLive(session.id) else { return }
            do {
                try await store.endSession(session.id, reason: "interrupted")
                try await summaries.summarize(session, of: store)
            } catch {
                log(error, session)
            }
        }
    }

    private func log(_ error: any Error, _ session: Session) {
        services.logger.error(
            "an interrupted session could not be taken up",
            metadata: ["session_id": .string(session.id.text), "cause": "\(error)"]
        )
    }
}
