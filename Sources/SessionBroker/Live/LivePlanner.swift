internal import ContextStore

/// Plans live sessions by the settings of the operator.
struct LivePlanner: Sendable {
    let vault: ToolVault
    /// Fields of a session that browsers may set.
    let clientMayUpdate: Set<String>
    let limits: SessionClock.Limits

    /// A relayed session; one that was in use before carries on.
    func relay(
        _ admitted: AdmittedSession,
        showsBrokerEvents: Bool,
        speaksBeta: Bool
    ) throws -> LiveSession.Plan {
        try plan(
            admitted,
            .relay,
            showsBrokerEvents: showsBrokerEvents,
            speaksBeta: speaksBeta,
            isResumed: admitted.session.status == .active
        )
    }

    /// A call that upstream carries.
    func call(_ admitted: AdmittedSession, id: String, isResumed: Bool = false) throws
        -> LiveSession.Plan
    {
        try plan(admitted, .call(id: id), isResumed: isResumed)
    }

    private func plan(
        _ admitted: AdmittedSession,
        _ carrier: LiveSession.Carrier,
        showsBrokerEvents: Bool = false,
        speaksBeta: Bool = false,
        isResumed: Bool
    ) throws -> LiveSession.Plan {
        let (id, store, user, vault) = (admitted.session.id, admitted.store, admitted.user, vault)
        return LiveSession.Plan(
            session: admitted.session,
            store: admitted.store,
            user: admitted.user,
            webhooks: try vault.webhooks(of: admitted.session, of: admitted.user),
            carrier: carrier,
            configuration: try vault.configuration(of: admitted.session, of: admitted.user),
            storeConfiguration: {
                try await store.updateConfiguration(vault.stored($0, of: user), of: id)
            },
            safetyIdentifier: try SafetyIdentifier.make(for: admitted.user),
            clientMayUpdate: clientMayUpdate,
            isTrusted: admitted.isTrusted,
            showsBrokerEvents: showsBrokerEvents,
            speaksBeta: speaksBeta,
            limits: limits,
            isResumed: isResumed
        )
    }
}
