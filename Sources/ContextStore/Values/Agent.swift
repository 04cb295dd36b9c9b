public import JSON

/// A named set of defaults for sessions.
public struct Agent: Sendable, Equatable {
    /// Its id.
    public let id: AgentID
    /// What it is set to.
    public var settings: AgentSettings
    /// When it was made.
    public let createdAt: Timestamp
    /// When it last changed.
    public let updatedAt: Timestamp
}

/// Everything of an ``Agent`` that a caller may set.
public struct AgentSettings: Sendable, Equatable {
    /// What people call it.
    public var name: String
    /// The model.
    public var model: String?
    /// The voice.
    public var voice: String?
    /// The instructions.
    public var instructions: String?
    /// The tools, in order.
    public var tools: [JSONValue]
    /// How the model chooses among the tools.
    public var toolChoice: JSONValue?
    /// What it says first.
    public var greeting: String?
    /// How context is carried over.
    public var context: JSONObject?
    /// Whatever the caller wants to attach.
    public var metadata: JSONObject

    /// An agent's settings; only the name is needed.
    public init(
        name: String,
        model: String? = nil,
        voice: String? = nil,
        instructions: String? = nil,
        tools: [JSONValue] = [],
        toolChoice: JSONValue? = nil,
        greeting: String? = nil,
        context: JSONObject? = nil,
        metadata: JSONObject = [:]
    ) {
        self.name = name
        self.model = model
        self.voice = voice
        self.instructions = instructions
        self.tools = tools
        self.toolChoice = toolChoice
        self.greeting = greeting
        self.context = context
        self.metadata = metadata
    }
}

extension Agent {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        a.id, a.name, a.model, a.voice, a.instructions, a.tools, a.tool_choice, a.greeting,
        a.context, a.metadata, a.created_at, a.updated_at
        """

    init(_ row: inout RowReader) throws {
        id = AgentID(stored: row.text())
        settings = AgentSettings(
            name: row.text(),
            model: row.optionalText(),
            voice: row.optionalText(),
            instructions: row.optionalText(),
            tools: try row.json().arrayValue ?? [],
            toolChoice: try row.optionalJSON(),
            greeting: row.optionalText(),
            context: try row.optionalJSON()?.objectValue,
            metadata: try row.object()
        )
        createdAt = row.timestamp()
        updatedAt = row.timestamp()
    }
}
