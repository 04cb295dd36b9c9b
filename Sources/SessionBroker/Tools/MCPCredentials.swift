internal import JSON

/// What lets sessions into a remote server of tools: the `authorization` and `headers` of an MCP tool
/// (reference, 4.3).
///
/// Prints as `<redacted>`.
struct MCPCredentials: Sendable, Equatable, RedactedWhenPrinted {
    /// The fields of a tool that hold them.
    static let fields: Set<String> = ["authorization", "headers"]

    private let authorization: JSONValue?
    private let headers: JSONValue?

    /// The credentials in a tool; nil when there are none.
    init?(in tool: JSONValue) {
        authorization = tool["authorization"].flatMap { $0 == .null ? nil : $0 }
        headers = tool["headers"].flatMap { $0 == .null ? nil : $0 }
        if authorization == nil, headers == nil { return nil }
    }

    private init(authorization: JSONValue?, headers: JSONValue?) {
        self.authorization = authorization
        self.headers = headers
    }

    /// All of them, as fields of a tool.
    var json: JSONObject {
        var object = JSONObject()
        if let authorization { object["authorization"] = authorization }
        if let headers { object["headers"] = headers }
        return object
    }

    /// What an owner is shown: the names of header fields without their values.
    var shown: JSONObject {
        let redacted = JSONValue.string(ToolWebhook.redactedValue)
        return MCPCredentials(
            authorization: authorization.map { _ in redacted },
            headers: headers.map { headers in
                guard let members = headers.objectValue?.members else { return redacted }
                return .object(JSONObject(uniqueMembers: members.map { ($0.key, redacted) }))
            }
        ).json
    }

    /// The first field that asks for its stored value; a header field as `headers.NAME`.
    var keptField: String? {
        if Self.asksToKeep(authorization) { return "authorization" }
        if Self.asksToKeep(headers) { return "headers" }
        let header = headers?.objectValue?.members.first { Self.asksToKeep($0.value) }
        return header.map { "headers.\($0.key)" }
    }

    /// These credentials with the stored values of the fields that ask for them; what there is no
    /// value for goes on asking.
    func keeping(_ stored: MCPCredentials?) -> MCPCredentials {
        guard let stored else { return self }
        let filled = headers?.objectValue?.members.map { name, value in
            (name, Self.asksToKeep(value) ? stored.headers?[name] ?? value : value)
        }
        return MCPCredentials(
            authorization: Self.asksToKeep(authorization)
                ? stored.authorization ?? authorization : authorization,
            headers: filled.map { .object(JSONObject(uniqueMembers: $0)) } ?? headers
        )
    }

    private static func asksToKeep(_ value: JSONValue?) -> Bool {
        value?.stringValue == ToolWebhook.redactedValue
    }
}

extension JSONValue {
    /// Whether this tool is of the same remote server as another one, so that credentials for the one
    /// go nowhere new with the other.
    func isOfServer(of other: JSONValue) -> Bool {
        self["type"] == "mcp" && other["type"] == "mcp"
            && ["server_label", "server_url", "connector_id"].allSatisfy { self[$0] == other[$0] }
    }
}
