internal import ContextStore
internal import WebServer

/// The whole table of routes.
struct BrokerRoutes: Sendable {
    let store: ContextStore
    let callers: CallerRoutes
    let idempotency: Idempotency
    let minter: SessionMinter
    let summaries: SummaryKeeper
    let live: LiveSessions
    let planner: LivePlanner
    let broadcasts: Broadcasts
    let requests: RequestCounter
    let isSimulated: Bool

    var routes: [Route] { sessions + broadcasting + history + operations }

    /// Who talks, and how.
    private var sessions: [Route] {
        let admission = SessionAdmission(callers: callers)
        return SessionRoutes(
            callers: callers,
            admission: admission,
            idempotency: idempotency,
            minter: minter,
            summaries: summaries,
            live: live
        ).routes
            + RelayRoutes(admission: admission, minter: minter, live: live, planner: planner).routes
            + CallRoutes(
                callers: callers,
                admission: admission,
                minter: minter,
                live: live,
                planner: planner
            ).routes
            + agents.routes
    }

    /// One speaks, many listen.
    private var broadcasting: [Route] {
        let admission = ListenerAdmission(
            callers: callers,
            admission: SessionAdmission(callers: callers)
        )
        return BroadcastRoutes(
            callers: callers,
            idempotency: idempotency,
            broadcasts: broadcasts,
            admission: admission
        ).routes + BroadcastSocketRoutes(admission: admission, broadcasts: broadcasts).routes
    }

    /// What was said.
    private var history: [Route] {
        ConversationRoutes(
            callers: callers,
            idempotency: idempotency,
            live: live,
            broadcasts: broadcasts
        ).routes
            + MessageRoutes(callers: callers, idempotency: idempotency).routes
            + SummaryRoutes(callers: callers, summaries: summaries).routes
            + RecallRoutes(callers: callers).routes
            + MemoryRoutes(callers: callers, context: minter.context).routes
            + UserRoutes(callers: callers, agents: agents, live: live, broadcasts: broadcasts)
            .routes
    }

    private var agents: AgentRoutes {
        AgentRoutes(callers: callers, idempotency: idempotency, vault: minter.vault)
    }

    /// What it costs, and whether all is well.
    private var operations: [Route] {
        UsageRoutes(callers: callers).routes
            + HealthRoutes(
                store: store,
                upstream: minter.upstream,
                live: live,
                broadcasts: broadcasts,
                requests: requests,
                isSimulated: isSimulated
            ).routes
    }
}
