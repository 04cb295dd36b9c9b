internal import ContextStore
internal import JSON
internal import WebServer

/// Mints a session: settles its settings, adds what earlier sessions left, asks upstream for a key,
/// and stores the session with its conversation.
struct SessionMinter: Sendable {
    /// Upstream ends a session after an hour (reference, 11).
    static let maximumDurationSeconds: Int64 = 3_600

    let upstream: OpenAIClient
    let defaults: SessionDefaults
    let context: ContextEngine
    let vault: ToolVault
    /// How long the operator lets a live session last; nil for any time.
    let maximumDuration: Duration?

    /// A minted session with what is shown only now.
    struct Minted: Sendable {
        var session: Session
        var secret: ClientSecret
        var secretExpiresAt: Int64
        /// Upstream's echo of the session, with the caller's own instructions; empty for a relay
        /// session, which upstream does not know yet.
        var upstreamSession: JSONObject
        var greetingEvent: JSONValue?
    }

    /// Mints for a caller, whatever was minted before.
    ///
    /// - Throws: `HTTPError` for what upstream refuses, `ContextStoreError` for what the store does.
    func mint(_ request: SessionRequest, for caller: Caller) async throws -> Minted {
        guard let minted = try await mint(request, for: caller, once: nil).value else {
            preconditionFailure("what has no idempotency key is always made")
        }
        return minted
    }

    /// Mints for a caller, once for all requests with the same idempotency key, if there is one.
    ///
    /// - Throws: `HTTPError` for what upstream refuses, `ContextStoreError` for what the store does.
    func mint(
        _ request: SessionRequest,
        for caller: Caller,
        once record: IdempotencyRecord<Minted>?
    ) async throws -> IdempotentAnswer<Minted> {
        try caller.requireMaySetWebhooks(of: request.tools ?? [], at: "tools")
        let raw = request.session["tools"]?.arrayValue ?? []
        try caller.requireMaySetWebhooks(of: raw, at: "session.tools")
        let user = caller.identity.userID
        let agent = try await agent(of: request, caller)
        if let id = request.conversationID { _ = try await caller.store.conversation(id) }
        var upstreamSession = UpstreamSession(request, agent: agent, defaults: defaults)
        let webhooks =
            try request.webhooks
            ?? vault.webhooks(of: upstreamSession.tools, of: user)
        let own = upstreamSession.instructions
        let options = try SessionRequest.ContextOptions(
            request.context ?? agent?.settings.context,
            param: "context"
        )
        let remembers = options.wantsNotes && request.kind == .realtime
        let offersRecall =
            remembers && request.knowsRecall && options.offersRecall
            && upstreamSession.offerRecall()
        let prompt = try await prompt(request, options, upstreamSession, caller, offersRecall)
        if request.kind == .realtime { upstreamSession.instructions = prompt.instructions }
        let key = try await key(request, upstreamSession, caller, own: own)
        var new = try newSession(
            request,
            agent,
            upstreamSession,
            prompt,
            own: own,
            webhooks: webhooks,
            options: remembers ? options : .off,
            offersRecall: offersRecall,
            key,
            of: user
        )
        new.webhooks = try vault.sealed(webhooks, of: user)
        // Where the broker is the one that speaks with upstream, it greets itself.
        let greeting = request.transport == .webrtc ? request.greeting(agent) : nil
        let present: @Sendable (Session) -> Minted = { session in
            Minted(
                session: session,
                secret: key.secret,
                secretExpiresAt: key.expiresAt,
                upstreamSession: key.session,
                greetingEvent: greeting.map {
                    GreetingEvent.make(greeting: $0, session: session.id)
                }
            )
        }
        return try await caller.store.createSession(new, once: record?.mapped(present))
            .mapped(present)
    }

    /// Mints the session that carries on where another one ends.
    ///
    /// - Throws: As ``mint(_:for:once:)``.
    func renew(
        _ session: Session,
        for caller: Caller,
        once record: IdempotencyRecord<Minted>?
    ) async throws -> IdempotentAnswer<Minted> {
        let user = caller.identity.userID
        var request = SessionRequest(
            renewing: session,
            as: try vault.configuration(of: session, of: user)
        )
        request.webhooks = try vault.webhooks(of: session, of: user)
        if request.context?["enabled"] == false, try await caller.store.isAlone(session) {
            request.context = SessionRequest.ownConversation
        }
        return try await mint(request, for: caller, once: record)
    }

    private func agent(of request: SessionRequest, _ caller: Caller) async throws -> Agent? {
        guard let id = request.agentID else { return nil }
        var agent = try await caller.store.agent(id)
        agent.settings.tools = try vault.opened(agent.settings.tools, of: caller.identity.userID)
        return agent
    }

    private func prompt(
        _ request: SessionRequest,
        _ options: SessionRequest.ContextOptions,
        _ session: UpstreamSession,
        _ caller: Caller,
        _ offersRecall: Bool
    ) async throws -> Prompt {
        let isWanted = options.wantsNotes && request.kind == .realtime
        return try await context.prompt(
            ContextQuery(
                instructions: session.instructions,
                toolTokens: session.toolTokens,
                maximumTokens: isWanted ? options.maximumTokens : 0,
                recentItems: options.recentMessages,
                conversation: request.conversationID,
                isLimitedToConversation: options.scope == .conversation,
                offersRecall: offersRecall
            ),
            of: caller.store
        )
    }

    private struct Key {
        var secret: ClientSecret
        var expiresAt: Int64
        var session: JSONObject
        var hash: [UInt8]?
    }

    /// Upstream's ephemeral key, or for a relayed session one of the broker's own.
    private func key(
        _ request: SessionRequest,
        _ session: UpstreamSession,
        _ caller: Caller,
        own: String
    ) async throws -> Key {
        guard request.transport == .webrtc, request.needsKey else {
            let secret = try RelaySecret.make()
            let expiry = Timestamp.now().adding(.seconds(request.expiresAfterSeconds))
            return Key(
                secret: secret,
                expiresAt: expiry.seconds,
                session: JSONObject(),
                hash: try RelaySecret.hash(secret)
            )
        }
        let minted = try await upstream.mint(
            session: session.fields,
            expiresAfterSeconds: Int(request.expiresAfterSeconds),
            safetyIdentifier: try SafetyIdentifier.make(for: caller.identity.userID)
        )
        var echo = minted.session
        if echo["instructions"] != nil { echo["instructions"] = .string(own) }
        if let tools = echo["tools"]?.arrayValue {
            echo["tools"] = .array(tools.map(UpstreamSession.withoutSecrets))
        }
        return Key(
            secret: minted.value,
            expiresAt: minted.expiresAt,
            session: echo,
            hash: try RelaySecret.hash(minted.value)
        )
    }

    /// A relayed session outlives upstream's; a call does not.
    private func maximumDurationSeconds(_ transport: Session.Transport) -> Int64 {
        guard let maximum = maximumDuration?.components.seconds else {
            return Self.maximumDurationSeconds
        }
        return transport == .websocket ? maximum : min(maximum, Self.maximumDurationSeconds)
    }

    private func newSession(
        _ request: SessionRequest,
        _ agent: Agent?,
        _ session: UpstreamSession,
        _ prompt: Prompt,
        own: String,
        webhooks: ToolWebhooks,
        options: SessionRequest.ContextOptions,
        offersRecall: Bool,
        _ key: Key,
        of user: UserID
    ) throws -> NewSession {
        let configuration = SessionConfiguration(
            upstream: session.fields,
            instructions: own,
            greeting: request.greeting(agent),
            brokerTools: session.tools(calledBy: webhooks)
                + (offersRecall ? [RecallTool.definition] : []),
            contextTokens: options.wantsNotes ? options.maximumTokens : 0,
            recentMessages: options.recentMessages,
            isLimitedToConversation: options.scope == .conversation
        )
        return NewSession(
            conversationID: request.conversationID,
            conversation: NewConversation(agentID: agent?.id),
            agentID: agent?.id,
            kind: request.kind,
            transport: request.transport,
            model: session.model ?? "",
            voice: session.voice,
            upstreamID: key.session["id"]?.stringValue,
            secretHash: key.hash,
            secretExpiresAt: Timestamp(milliseconds: key.expiresAt * 1_000),
            maximumDurationSeconds: maximumDurationSeconds(request.transport),
            context: [
                "tokens": .integer(Int64(prompt.tokens)),
                "max_tokens": .integer(Int64(prompt.budget)),
                "messages": .integer(Int64(prompt.turnCount)),
                "summaries": .integer(Int64(prompt.sessionCount)),
                "truncated": .bool(prompt.isTruncated),
                "recall": .bool(offersRecall),
            ],
            configuration: try vault.stored(configuration, of: user),
            metadata: request.metadata
        )
    }
}
