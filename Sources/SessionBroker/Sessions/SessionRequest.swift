internal import ContextStore
internal import JSON

/// The body of `POST /api/session`, read and checked (api.md, 3).
struct SessionRequest: Sendable {
    /// Which earlier conversations a session's context is taken from.
    enum Scope: String, CaseIterable, Sendable {
        case user, conversation, none
    }

    /// How much of the past the session carries.
    struct ContextOptions: Sendable {
        var isEnabled = true
        var maximumTokens = 4_000
        var recentMessages = 8
        var scope = Scope.user
        /// Whether the model is offered the `recall` tool.
        var offersRecall = true

        /// Nothing of the past.
        static let off = ContextOptions(isEnabled: false)

        /// Whether anything is to be looked up.
        var wantsNotes: Bool { isEnabled && scope != .none && maximumTokens > 0 }
    }

    var agentID: AgentID?
    var conversationID: ConversationID?
    var transport = Session.Transport.webrtc
    var kind = Session.Kind.realtime
    var model: String?
    var voice: JSONValue?
    var instructions: String?
    var tools: [JSONValue]?
    var toolChoice: JSONValue?
    var greeting: String?
    var session = JSONObject()
    var context: JSONObject?
    var expiresAfterSeconds: Int64 = 600
    var metadata = JSONObject()
    /// Whether the client connects to upstream by itself, and so needs an ephemeral key.
    var needsKey = true
    /// Whether the client, or the broker in its place, answers calls of the `recall` tool.
    var knowsRecall = true
    /// Whether the model speaks first, if there is a greeting; false for one that is null, so that an
    /// agent's can be left out.
    var greets = true
    /// Where the tools of the owner's servers are, if not the tools themselves say so.
    var webhooks: ToolWebhooks?
}

extension SessionRequest {
    /// Seconds that an ephemeral key may live (reference, 2.1).
    static let expiryRange: ClosedRange<Int64> = 10...7_200

    /// Reads the body of `POST /api/session`.
    ///
    /// - Throws: `JSONError` naming the first field that is wrong.
    init(_ reader: JSONReader) throws(JSONError) {
        var reader = reader
        agentID = try reader.identifier("agent_id")
        conversationID = try reader.identifier("conversation_id")
        transport = try reader.choice("transport") ?? .webrtc
        kind = try reader.choice("type") ?? .realtime
        model = try reader.string("model", bytes: 1...256)
        voice = try reader.voice("voice")
        instructions = try reader.string("instructions", bytes: 0...1_000_000)
        tools = try reader.tools("tools")
        toolChoice = try reader.toolChoice("tool_choice")
        greets = reader.value("greeting") != nil || !reader.has("greeting")
        greeting = try reader.string("greeting", bytes: 1...4_000)
        session = try reader.object("session") ?? JSONObject()
        context = try reader.object("context")
        _ = try ContextOptions(context, param: reader.param("context"))
        expiresAfterSeconds =
            try reader.integer("expires_after_seconds", in: Self.expiryRange) ?? 600
        metadata = try reader.metadata("metadata")
        try reader.finish()
        try readSessionType()
    }

    /// Reads the body of `POST /v1/realtime/client_secrets`, which is upstream's (reference, 2.1).
    ///
    /// - Throws: `JSONError` naming the first field that is wrong.
    init(clientSecrets reader: JSONReader) throws(JSONError) {
        var reader = reader
        session = try reader.object("session") ?? JSONObject()
        // A client of upstream's own interface would not know what to answer to the tool.
        knowsRecall = false
        if var expiry = try reader.reader("expires_after") {
            guard try expiry.string("anchor") ?? "created_at" == "created_at" else {
                throw expiry.error("invalid_value", "Only 'created_at' is an anchor.", "anchor")
            }
            expiresAfterSeconds = try expiry.integer("seconds", in: Self.expiryRange) ?? 600
            try expiry.finish()
        }
        try reader.finish()
        try readSessionType()
    }

    /// The raw session's own type wins, as all of its fields do.
    mutating func readSessionType() throws(JSONError) {
        var reader = JSONReader(session, path: "session")
        if let type: Session.Kind = try reader.choice("type") { kind = type }
        _ = try reader.tools("tools", isRaw: true)
    }
}

extension SessionRequest.ContextOptions {
    /// Reads a `context` object; nil is the default.
    ///
    /// - Throws: `JSONError` naming the first field that is wrong.
    init(_ object: JSONObject?, param: String) throws(JSONError) {
        self.init()
        guard let object else { return }
        var reader = JSONReader(object, path: param)
        isEnabled = try reader.bool("enabled") ?? true
        maximumTokens = Int(try reader.integer("max_tokens", in: 0...8_000) ?? 4_000)
        recentMessages = Int(try reader.integer("recent_messages", in: 0...50) ?? 8)
        scope = try reader.choice("scope") ?? .user
        offersRecall = try reader.bool("recall") ?? true
        try reader.finish()
    }
}
