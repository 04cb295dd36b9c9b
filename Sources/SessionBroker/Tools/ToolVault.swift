internal import ContextStore
internal import JSON
internal import WebServer

/// Keeps what tools hold of their owner's other systems out of the database in clear: webhooks, and
/// credentials of MCP servers.
///
/// Each is sealed with a key of this installation, and for one user: in another user's row it stays
/// shut. A sealed text stands in the tool's `x_broker`.
struct ToolVault: Sendable {
    private let key: SecretKey

    /// A vault that seals with the keyring's key for webhooks.
    ///
    /// - Throws: ``OpenSSLError`` when the key cannot be derived.
    init(keyring: Keyring) throws(OpenSSLError) {
        key = try keyring.key(for: .webhookSealing)
    }

    // MARK: An agent's tools

    /// Tools as they are stored.
    ///
    /// - Parameters:
    ///   - tools: The tools as a caller gave them.
    ///   - stored: The tools that they take the place of; values of theirs are kept where
    ///     ``ToolWebhook/redactedValue`` is given.
    ///   - user: Whose they are.
    /// - Returns: The tools to store.
    /// - Throws: `JSONError` for a value to keep that is not there, or a webhook that is wrong.
    func sealed(
        _ tools: [JSONValue],
        keeping stored: [JSONValue] = [],
        of user: UserID
    ) throws -> [JSONValue] {
        try tools.enumerated().map { index, tool in
            tool["type"] == "mcp"
                ? try sealedServer(tool, keeping: stored, of: user, at: "tools[\(index)]")
                : try sealedFunction(tool, keeping: stored, of: user, at: "tools[\(index)]")
        }
    }

    /// Tools of a caller who is not shown webhooks and credentials, to be stored: what the caller did
    /// not give stays as it was before.
    ///
    /// - Throws: As ``sealed(_:keeping:of:)``.
    func sealed(
        _ tools: [JSONValue],
        keepingHidden stored: [JSONValue],
        of user: UserID
    ) throws -> [JSONValue] {
        let own = tools.map(UpstreamSession.withoutBrokerFields)
        return try zip(tools, sealed(own, keeping: stored, of: user)).map { given, tool in
            guard MCPCredentials(in: given) == nil else { return tool }
            let old = stored.first { tool.isInPlace(of: $0) }
            return old?["x_broker"].map { tool.with("x_broker", $0) } ?? tool
        }
    }

    /// Stored tools as their owner is shown them: secrets without values, and null for a webhook that
    /// cannot be read.
    func shown(_ tools: [JSONValue], of user: UserID) -> [JSONValue] {
        tools.map { tool in
            guard tool["type"] == "mcp" else {
                guard tool["x_broker"] != nil else { return tool }
                let webhook = try? read(tool, user)
                return tool.with("x_broker", webhook?.shown ?? .null)
            }
            let credentials = try? credentials(of: tool, user)
            return UpstreamSession.withoutSecrets(tool).with(credentials?.shown ?? JSONObject())
        }
    }

    private func sealedFunction(
        _ tool: JSONValue,
        keeping stored: [JSONValue],
        of user: UserID,
        at path: String
    ) throws -> JSONValue {
        guard let given = try read(tool, user) else {
            return UpstreamSession.withoutBrokerFields(tool)
        }
        let old = stored.first { tool.isInPlace(of: $0) }
        let webhook = given.keepingHeaders(of: try? old.flatMap { try read($0, user) })
        if let header = webhook.keptHeader {
            throw JSONError.noValueToKeep(
                of: header.name,
                at: "\(path).x_broker.headers.\(header.name)"
            )
        }
        return tool.with("x_broker", .string(try seal(webhook.json, user).base64))
    }

    private func sealedServer(
        _ tool: JSONValue,
        keeping stored: [JSONValue],
        of user: UserID,
        at path: String
    ) throws -> JSONValue {
        guard let given = MCPCredentials(in: tool) else {
            return UpstreamSession.withoutSecrets(tool)
        }
        let old = stored.first { tool.isInPlace(of: $0) }
        let known = given.keeping(try? old.flatMap { try credentials(of: $0, user) })
        if let field = known.keptField {
            throw JSONError.noValueToKeep(of: field, at: "\(path).\(field)")
        }
        let text = try seal(.object(known.json), user).base64
        return UpstreamSession.withoutSecrets(tool).with("x_broker", .string(text))
    }

    // MARK: A session's tools

    /// Stored tools with the credentials of MCP servers, as upstream needs them.
    ///
    /// - Throws: `HTTPError` for those that cannot be read, because the installation's secret changed.
    func opened(_ tools: [JSONValue], of user: UserID) throws -> [JSONValue] {
        try tools.map { tool in
            guard tool["type"] == "mcp" else { return tool }
            do {
                let credentials = try credentials(of: tool, user)
                return UpstreamSession.withoutSecrets(tool).with(credentials?.json ?? JSONObject())
            } catch {
                let label = tool["server_label"]?.stringValue ?? ""
                throw Self.unreadable("The credentials of the MCP server '\(label)'", error)
            }
        }
    }

    /// A session's configuration as it is stored.
    ///
    /// - Throws: ``OpenSSLError`` when its credentials cannot be sealed.
    func stored(_ configuration: SessionConfiguration, of user: UserID) throws -> JSONObject {
        var configuration = configuration
        if let tools = configuration.upstream["tools"]?.arrayValue {
            configuration.upstream["tools"] = .array(try sealed(tools, of: user))
        }
        return configuration.stored
    }

    /// The configuration of a stored session.
    ///
    /// - Throws: As ``opened(_:of:)``.
    func configuration(of session: Session, of user: UserID) throws -> SessionConfiguration {
        var configuration = SessionConfiguration(stored: session.configuration)
        if let tools = configuration.upstream["tools"]?.arrayValue {
            configuration.upstream["tools"] = .array(try opened(tools, of: user))
        }
        return configuration
    }

    /// The webhooks of tools, be they as a caller gave them or as they are stored.
    ///
    /// - Throws: `HTTPError` for one that cannot be read, because the installation's secret changed.
    func webhooks(of tools: [JSONValue], of user: UserID) throws -> ToolWebhooks {
        var webhooks = ToolWebhooks()
        for tool in tools where tool["type"] != "mcp" {
            guard let name = tool["name"]?.stringValue else { continue }
            do {
                if let webhook = try read(tool, user) { webhooks[name] = webhook }
            } catch {
                throw Self.unreadable("The webhook of the tool '\(name)'", error)
            }
        }
        return webhooks
    }

    /// A session's webhooks as they are stored; nil for none.
    ///
    /// - Throws: ``OpenSSLError`` when they cannot be sealed.
    func sealed(_ webhooks: ToolWebhooks, of user: UserID) throws(OpenSSLError) -> [UInt8]? {
        webhooks.isEmpty ? nil : try seal(webhooks.json, user)
    }

    /// The webhooks of a stored session.
    ///
    /// - Throws: `JSONError` or ``SealedBox/OpenError`` when they cannot be read.
    func webhooks(of session: Session, of user: UserID) throws -> ToolWebhooks {
        guard let sealed = session.webhooks else { return ToolWebhooks() }
        return try ToolWebhooks(open(sealed, user))
    }

    // MARK: One tool

    /// A tool's webhook; nil when it has none.
    private func read(_ tool: JSONValue, _ user: UserID) throws -> ToolWebhook? {
        switch tool["x_broker"] {
        case nil, .null: return nil
        case .string(let text):
            guard let box = Base64.decode(text) else { throw SealedBox.OpenError.notAuthentic }
            return try ToolWebhook(JSONReader(of: open(box, user)))
        case .some(let given): return try ToolWebhook(JSONReader(of: given))
        }
    }

    /// An MCP server's credentials, be they as a caller gave them or as they are stored; nil for none.
    private func credentials(of tool: JSONValue, _ user: UserID) throws -> MCPCredentials? {
        guard let text = tool["x_broker"]?.stringValue else { return MCPCredentials(in: tool) }
        guard let box = Base64.decode(text) else { throw SealedBox.OpenError.notAuthentic }
        return MCPCredentials(in: try open(box, user))
    }

    private func seal(_ json: JSONValue, _ user: UserID) throws(OpenSSLError) -> [UInt8] {
        try SealedBox.seal(json.bytes, key: key, associatedData: Array(user.text.utf8))
    }

    private func open(_ box: [UInt8], _ user: UserID) throws -> JSONValue {
        let bytes = try SealedBox.open(box, key: key, associatedData: Array(user.text.utf8))
        return try JSONValue(parsing: bytes)
    }

    private static func unreadable(_ what: String, _ error: any Error) -> HTTPError {
        HTTPError(
            status: 409,
            code: "webhook_unreadable",
            message: "\(what) cannot be read; set the agent's tools anew.",
            param: "agent_id",
            underlying: error
        )
    }
}

extension JSONError {
    fileprivate static func noValueToKeep(of name: String, at param: String) -> JSONError {
        JSONError(
            code: "invalid_value",
            message: "There is no value of '\(name)' to keep.",
            param: param
        )
    }
}

extension JSONValue {
    /// This object with a member set.
    fileprivate func with(_ key: String, _ value: JSONValue) -> JSONValue {
        guard var object = objectValue else { return self }
        object[key] = value
        return .object(object)
    }

    /// This object with members put over it.
    fileprivate func with(_ members: JSONObject) -> JSONValue {
        objectValue.map { .object($0.merging(members)) } ?? self
    }

    /// Whether this tool takes the place of another one, and may have its secrets.
    fileprivate func isInPlace(of other: JSONValue) -> Bool {
        self["type"] == "mcp"
            ? isOfServer(of: other)
            : self["type"] == other["type"] && self["name"] == other["name"]
    }
}
