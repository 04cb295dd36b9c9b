internal import ContextStore
internal import JSON
internal import WebServer

/// Agents: named settings that sessions start from (api.md, 7).
struct AgentRoutes: Sendable {
    let callers: CallerRoutes
    let idempotency: Idempotency
    let vault: ToolVault

    var routes: [Route] {
        [
            callers.route(.post, "/api/agents", handler: create),
            callers.route(.get, "/api/agents", handler: list),
            callers.route(.get, "/api/agents/{id}", handler: get),
            callers.route(.patch, "/api/agents/{id}", handler: update),
            callers.route(.delete, "/api/agents/{id}", handler: delete),
        ]
    }

    private func create(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        var settings = try AgentSettings(request.reader())
        try caller.requireMaySetWebhooks(of: settings.tools, at: "tools")
        settings.tools = try vault.sealed(settings.tools, of: caller.identity.userID)
        let new = settings
        return try await idempotency.run(
            request,
            caller,
            present: { .json(json($0, caller), status: 201) }
        ) {
            try await caller.store.createAgent(new, once: $0)
        }
    }

    private func list(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let page = try await caller.store.agents(request.page(order: .descending))
        return .json(page.json(id: \.id.text) { json($0, caller) })
    }

    private func get(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        .json(json(try await caller.store.agent(request.pathID()), caller))
    }

    private func update(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let update = try AgentUpdate(request.reader())
        try caller.requireMaySetWebhooks(of: update.tools ?? [], at: "tools")
        let user = caller.identity.userID
        let agent = try await caller.store.updateAgent(request.pathID()) { settings in
            let stored = settings.tools
            update.apply(to: &settings)
            guard let tools = update.tools else { return }
            settings.tools =
                caller.isTrusted
                ? try vault.sealed(tools, keeping: stored, of: user)
                : try vault.sealed(tools, keepingHidden: stored, of: user)
        }
        return .json(json(agent, caller))
    }

    private func delete(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let id: AgentID = try request.pathID()
        try await caller.store.deleteAgent(id)
        return .deleted(id: id.text, object: "agent")
    }

    /// The agent; what is the broker's alone in its tools goes to trusted callers only.
    func json(_ agent: Agent, _ caller: Caller) -> JSONValue {
        let tools = agent.settings.tools
        return agent.json(
            tools: caller.isTrusted
                ? vault.shown(tools, of: caller.identity.userID)
                : tools.map(UpstreamSession.withoutSecrets)
        )
    }
}

extension AgentSettings {
    fileprivate init(_ reader: JSONReader) throws(JSONError) {
        var reader = reader
        guard let name = try reader.string("name", bytes: 1...256) else {
            throw reader.missing("name")
        }
        self.init(name: name)
        try AgentUpdate(reader).apply(to: &self)
    }
}

/// A body of settings (RFC 7396): null clears a field, an absent one stays.
private struct AgentUpdate: Sendable {
    private let name: FieldUpdate<String>
    private let model: FieldUpdate<String>
    private let voice: FieldUpdate<String>
    private let instructions: FieldUpdate<String>
    private let toolList: FieldUpdate<[JSONValue]>
    private let toolChoice: FieldUpdate<JSONValue>
    private let greeting: FieldUpdate<String>
    private let context: FieldUpdate<JSONObject>
    private let metadata: FieldUpdate<JSONObject>

    init(_ reader: JSONReader) throws(JSONError) {
        var reader = reader
        name = try reader.text("name", 1...256)
        if case .clear = name { throw reader.missing("name") }
        model = try reader.text("model", 1...256)
        voice = try reader.text("voice", 1...256)
        instructions = try reader.text("instructions", 0...1_000_000)
        toolList = try reader.update("tools") { (reader) throws(JSONError) in
            try reader.tools("tools", keepsValues: true)
        }
        toolChoice = try reader.update("tool_choice") { (reader) throws(JSONError) in
            try reader.toolChoice("tool_choice")
        }
        greeting = try reader.text("greeting", 1...4_000)
        context = try reader.update("context") { (reader) throws(JSONError) in
            try reader.contextOptions("context")
        }
        metadata = try reader.update("metadata") { (reader) throws(JSONError) in
            try reader.metadata("metadata")
        }
        try reader.finish()
    }

    /// The tools that the body sets; nil when it leaves them as they are, or clears them.
    var tools: [JSONValue]? {
        if case .set(let tools) = toolList { tools } else { nil }
    }

    func apply(to settings: inout AgentSettings) {
        settings.name = name.applied(to: settings.name) ?? settings.name
        settings.model = model.applied(to: settings.model)
        settings.voice = voice.applied(to: settings.voice)
        settings.instructions = instructions.applied(to: settings.instructions)
        settings.tools = toolList.applied(to: settings.tools) ?? []
        settings.toolChoice = toolChoice.applied(to: settings.toolChoice)
        settings.greeting = greeting.applied(to: settings.greeting)
        settings.context = context.applied(to: settings.context)
        settings.metadata = metadata.applied(to: settings.metadata) ?? JSONObject()
    }
}

extension JSONReader {
    /// The context options of an agent's sessions, checked and kept as they came.
    fileprivate mutating func contextOptions(_ key: String) throws(JSONError) -> JSONObject? {
        let object = try object(key)
        _ = try SessionRequest.ContextOptions(object, param: param(key))
        return object
    }

    fileprivate mutating func text(
        _ key: String,
        _ bytes: ClosedRange<Int>
    ) throws(JSONError) -> FieldUpdate<String> {
        try update(key) { (reader) throws(JSONError) in try reader.string(key, bytes: bytes) }
    }
}
