public import JSON

/// One configured Realtime connection.
public struct Session: Sendable, Equatable {
    /// The member of ``configuration`` that carries what was said in earlier sessions, as text.
    public static let memoryKey = "memory"

    /// How far a session has come; it only ever moves on.
    public enum Status: String, Sendable, CaseIterable {
        case created
        case active
        case ended
    }

    /// What a session is for.
    public enum Kind: String, Sendable, CaseIterable {
        case realtime
        case transcription
    }

    /// How the client reaches it.
    public enum Transport: String, Sendable, CaseIterable {
        case webrtc
        case websocket
    }

    /// Its id.
    public let id: SessionID
    /// The conversation that it carries on.
    public let conversationID: ConversationID
    /// The agent that it was made for; nil also when that agent was deleted.
    public let agentID: AgentID?
    /// How far it has come.
    public let status: Status
    /// What it is for.
    public let kind: Kind
    /// How the client reaches it.
    public let transport: Transport
    /// The model.
    public let model: String
    /// The voice.
    public let voice: String?
    /// Its id, or its call's, upstream.
    public let upstreamID: String?
    /// The hash of the client secret; the secret itself is never stored.
    public let secretHash: [UInt8]?
    /// When the client secret ends.
    public let secretExpiresAt: Timestamp
    /// How long it may last, in seconds.
    public let maximumDurationSeconds: Int64
    /// When it was made.
    public let createdAt: Timestamp
    /// When it ended.
    public let endedAt: Timestamp?
    /// Why it ended.
    public let endReason: String?
    /// What was carried over into it.
    public let context: JSONObject
    /// How it was configured; less ``memoryKey`` once that had to go.
    public let configuration: JSONObject
    /// Where its tools are called, sealed by whoever made the session; nil for nowhere.
    public let webhooks: [UInt8]?
    /// Whatever the caller attached.
    public let metadata: JSONObject
}

/// What a caller gives to make a ``Session``.
public struct NewSession: Sendable {
    /// The conversation to carry on; nil makes one of ``conversation``.
    public var conversationID: ConversationID?
    /// The conversation that is made when none is named.
    public var conversation: NewConversation
    /// The agent.
    public var agentID: AgentID?
    /// What it is for.
    public var kind: Session.Kind
    /// How the client reaches it.
    public var transport: Session.Transport
    /// The model.
    public var model: String
    /// The voice.
    public var voice: String?
    /// Its id upstream, if known already.
    public var upstreamID: String?
    /// The hash of the client secret, unique in the store.
    public var secretHash: [UInt8]?
    /// When the client secret ends.
    public var secretExpiresAt: Timestamp
    /// How long it may last, in seconds.
    public var maximumDurationSeconds: Int64
    /// What was carried over into it.
    public var context: JSONObject
    /// How it is configured.
    ///
    /// What it carries of the user's past is its member ``Session/memoryKey``: that goes when the
    /// session ends, and when any of the user's messages is deleted or forgotten.
    public var configuration: JSONObject
    /// Where its tools are called; the store does not look into the bytes, so they must be sealed.
    public var webhooks: [UInt8]?
    /// Whatever the caller wants to attach.
    public var metadata: JSONObject

    /// A session to be made: by default realtime, by WebRTC, in a conversation of its own.
    public init(
        conversationID: ConversationID? = nil,
        conversation: NewConversation = NewConversation(),
        agentID: AgentID? = nil,
        kind: Session.Kind = .realtime,
        transport: Session.Transport = .webrtc,
        model: String,
        voice: String? = nil,
        upstreamID: String? = nil,
        secretHash: [UInt8]? = nil,
        secretExpiresAt: Timestamp,
        maximumDurationSeconds: Int64,
        context: JSONObject = [:],
        configuration: JSONObject = [:],
        webhooks: [UInt8]? = nil,
        metadata: JSONObject = [:]
    ) {
        self.conversationID = conversationID
        self.conversation = conversation
        self.agentID = agentID
        self.kind = kind
        self.transport = transport
        self.model = model
        self.voice = voice
        self.upstreamID = upstreamID
        self.secretHash = secretHash
        self.secretExpiresAt = secretExpiresAt
        self.maximumDurationSeconds = maximumDurationSeconds
        self.context = context
        self.configuration = configuration
        self.webhooks = webhooks
        self.metadata = metadata
    }
}

/// A session and the user whose it is.
public struct OwnedSession: Sendable, Equatable {
    /// Whose it is.
    public let user: UserID
    /// The session.
    public let session: Session
}

extension Session {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        s.id, c.id, a.id, s.status, s.kind, s.transport, s.model, s.voice, s.upstream_id,
        s.secret_hash, s.secret_expires_at, s.maximum_duration_s, s.created_at, s.ended_at,
        s.end_reason, s.context, s.configuration, s.memory, s.webhooks, s.metadata
        """
    /// What ``columns`` are read from; says that the conversation is not deleted.
    static let source = """
        sessions s JOIN conversations c ON c.pk = s.conversation_pk AND c.deleted_at IS NULL
        LEFT JOIN agents a ON a.pk = s.agent_pk
        """

    init(_ row: inout RowReader) throws {
        id = SessionID(stored: row.text())
        conversationID = ConversationID(stored: row.text())
        agentID = row.optionalText().map(AgentID.init(stored:))
        status = try row.choice()
        kind = try row.choice()
        transport = try row.choice()
        model = row.text()
        voice = row.optionalText()
        upstreamID = row.optionalText()
        secretHash = row.optionalBytes()
        secretExpiresAt = row.timestamp()
        maximumDurationSeconds = row.integer()
        createdAt = row.timestamp()
        endedAt = row.optionalTimestamp()
        endReason = row.optionalText()
        context = try row.object()
        var configuration = try row.object()
        if let memory = row.optionalText() { configuration[Self.memoryKey] = .string(memory) }
        self.configuration = configuration
        webhooks = row.optionalBytes()
        metadata = try row.object()
    }
}
