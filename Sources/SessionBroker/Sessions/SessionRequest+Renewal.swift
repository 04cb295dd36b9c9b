internal import ContextStore
internal import JSON

extension SessionRequest {
    /// What makes the session that carries on where another one ends: the same conversation and
    /// settings, and nobody is greeted again.
    init(renewing session: Session, as configuration: SessionConfiguration) {
        self.init()
        agentID = session.agentID
        conversationID = session.conversationID
        transport = session.transport
        kind = session.kind
        metadata = session.metadata
        greets = false
        knowsRecall = configuration.offersRecall
        context = [
            "enabled": .bool(configuration.contextTokens > 0),
            "max_tokens": .integer(Int64(configuration.contextTokens)),
            "recent_messages": .integer(Int64(configuration.recentMessages)),
            "scope": configuration.isLimitedToConversation ? "conversation" : "user",
            "recall": .bool(configuration.offersRecall),
        ]
        self.session = configuration.upstream
        guard kind == .realtime else { return }
        self.session["instructions"] = .string(configuration.instructions)
        // The minter offers it anew.
        let tools = configuration.upstream["tools"]?.arrayValue ?? []
        self.session["tools"] = .array(
            configuration.offersRecall ? tools.filter { $0 != RecallTool.definition } : tools
        )
    }

    /// The context of a session that has none of earlier ones: there is still what was said in it.
    static let ownConversation: JSONObject = [
        "max_tokens": .integer(Int64(SessionContinuity.ownTokens)), "scope": "conversation",
        "recall": false,
    ]

    /// What the model says first; nil where nothing is said.
    func greeting(_ agent: Agent?) -> String? {
        kind == .realtime && greets ? greeting ?? agent?.settings.greeting : nil
    }
}
