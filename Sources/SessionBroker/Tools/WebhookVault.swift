internal import ContextStore
internal import JSON
internal import WebServer

/// Keeps webhooks out of the database in clear: they hold keys of the owner's other systems.
///
/// A webhook is sealed with a key of this installation, and for one user: in another user's row it
/// stays shut.
struct WebhookVault: Sendable {
    private let key: SecretKey

    /// A vault that seals with the keyring's key for webhooks.
    ///
    /// - Throws: ``OpenSSLError`` when the key cannot be derived.
    init(keyring: Keyring) throws(OpenSSLError) {
        key = try keyring.key(for: .webhookSealing)
    }

    // MARK: An agent's tools

    /// Tools as they are stored: each `x_broker` is a text that only this vault reads.
    ///
    /// - Parameters:
    ///   - tools: The tools as a caller gave them.
    ///   - stored: The tools that they take the place of; header fields keep the values of theirs
    ///     if they are given as ``ToolWebhook/redactedValue``.
    ///   - user: Whose they are.
    /// - Returns: The tools to store.
    /// - Throws: `JSONError` for a value to keep that is not there, or a webhook that is wrong.
    func sealed(
        _ tools: [JSONValue],
        keeping stored: [JSONValue] = [],
        of user: UserID
    ) throws -> [JSONValue] {
        try tools.enumerated().map { index, tool in
            guard let given = try read(tool, user) else {
                return UpstreamSession.withoutBrokerFields(tool)
            }
            let old = stored.first { $0["name"] == tool["name"] }
            let kept = try? old.flatMap { try read($0, user) }
            let webhook = given.keepingHeaders(of: kept)
            if let header = webhook.keptHeader {
                throw JSONError(
                    code: "invalid_value",
                    message: "There is no value of '\(header.name)' to keep.",
                    param: "tools[\(index)].x_broker.headers.\(header.name)"
                )
            }
            return tool.with("x_broker", .string(try seal(webhook.json, user).base64))
        }
    }

    /// Tools of a caller who is not shown webhooks, to be stored: a function has the webhook that its
    /// name had before.
    func kept(_ tools: [JSONValue], of stored: [JSONValue]) -> [JSONValue] {
        tools.map { tool in
            let old = stored.first { $0["type"] == tool["type"] && $0["name"] == tool["name"] }
            let tool = UpstreamSession.withoutBrokerFields(tool)
            return old?["x_broker"].map { tool.with("x_broker", $0) } ?? tool
        }
    }

    /// Stored tools as their owner is shown them: header fields without values, and null for a
    /// webhook that cannot be read.
    func shown(_ tools: [JSONValue], of user: UserID) -> [JSONValue] {
        tools.map { tool in
            guard tool["x_broker"] != nil else { return tool }
            let webhook = try? read(tool, user)
            return tool.with("x_broker", webhook?.shown ?? .null)
        }
    }

    // MARK: A session's webhooks

    /// The webhooks of tools, be they as a caller gave them or as they are stored.
    ///
    /// - Throws: `HTTPError` for one that cannot be read, because the installation's secret changed.
    func webhooks(of tools: [JSONValue], of user: UserID) throws -> ToolWebhooks {
        var webhooks = ToolWebhooks()
        for tool in tools {
            guard let name = tool["name"]?.stringValue else { continue }
            do {
                if let webhook = try read(tool, user) { webhooks[name] = webhook }
            } catch {
                throw Self.unreadable(name, error)
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

    // MARK: One webhook

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

    private func seal(_ json: JSONValue, _ user: UserID) throws(OpenSSLError) -> [UInt8] {
        try SealedBox.seal(json.bytes, key: key, associatedData: Array(user.text.utf8))
    }

    private func open(_ box: [UInt8], _ user: UserID) throws -> JSONValue {
        let bytes = try SealedBox.open(box, key: key, associatedData: Array(user.text.utf8))
        return try JSONValue(parsing: bytes)
    }

    private static func unreadable(_ name: String, _ error: any Error) -> HTTPError {
        HTTPError(
            status: 409,
            code: "webhook_unreadable",
            message:
                "The webhook of the tool '\(name)' cannot be read; set the agent's tools anew.",
            param: "agent_id",
            underlying: error
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
}
