internal import ContextStore
internal import JSON

extension JSONReader {
    /// An id of one of the store's kinds.
    ///
    /// - Throws: `JSONError` when it is no string, or no id of that kind.
    mutating func identifier<Kind>(_ key: String) throws(JSONError) -> Identifier<Kind>? {
        guard let text = try string(key) else { return nil }
        guard let id = Identifier<Kind>(text) else {
            let prefix = Kind.object.prefix
            throw error("invalid_value", "'\(param(key))' must be an id like '\(prefix)…'.", key)
        }
        return id
    }

    /// A voice: a name, or upstream's object of a custom voice.
    ///
    /// - Throws: `JSONError` for anything else.
    mutating func voice(_ key: String) throws(JSONError) -> JSONValue? {
        guard let value = value(key) else { return nil }
        switch value {
        case .string(let name) where (1...256).contains(name.utf8.count): return value
        case .object(let object) where object["id"]?.stringValue != nil: return value
        default:
            throw error("invalid_value", "'\(param(key))' must be a voice's name or id.", key)
        }
    }

    /// A list of function and MCP tools (reference, 4.3), functions perhaps with a webhook; in a raw
    /// session of upstream's, also of other kinds.
    ///
    /// - Throws: `JSONError` for an element that is not a tool, or has no name, and for a webhook
    ///   that is wrong, or secrets that ask for stored values where none are kept.
    mutating func tools(
        _ key: String,
        keepsValues: Bool = false,
        isRaw: Bool = false
    ) throws(JSONError) -> [JSONValue]? {
        guard let tools = try array(key) else { return nil }
        guard tools.count <= 128 else {
            throw error("invalid_value", "'\(param(key))' may hold at most 128 tools.", key)
        }
        for (index, tool) in tools.enumerated() {
            var reader = try JSONReader(of: tool, path: "\(param(key))[\(index)]")
            guard let type = try reader.string("type") else { throw reader.missing("type") }
            // Upstream may know more kinds than this broker.
            if isRaw, type != "function", type != "mcp", reader.value("x_broker") == nil {
                continue
            }
            let name = type == "mcp" ? "server_label" : "name"
            guard type == "function" || type == "mcp" else {
                throw reader.error("invalid_value", "A tool is a 'function' or 'mcp'.", "type")
            }
            for key in ["name", "server_label"] {
                let value = try reader.string(key, bytes: 1...256)
                if key == name, value == nil { throw reader.missing(name) }
            }
            let kept = type == "mcp" ? try reader.credentials(in: tool) : try reader.webhook()
            if !keepsValues, let kept {
                throw reader.error("invalid_value", "There is no value of '\(kept)' to keep.", kept)
            }
        }
        return tools
    }

    /// Checks an MCP tool's credentials; returns the field that asks for its stored value, if one does.
    private mutating func credentials(in tool: JSONValue) throws(JSONError) -> String? {
        guard value("x_broker") == nil else {
            throw error("invalid_value", "Only a function has 'x_broker'.", "x_broker")
        }
        _ = try string("authorization", bytes: 0...16_384)
        if var headers = try reader("headers") {
            for name in headers.object.members.map(\.key) {
                _ = try headers.string(name, bytes: 0...16_384)
            }
        }
        return MCPCredentials(in: tool)?.keptField
    }

    /// Checks a function's webhook; returns the field that asks for its stored value, if one does.
    private mutating func webhook() throws(JSONError) -> String? {
        guard let reader = try reader("x_broker") else { return nil }
        return try ToolWebhook(reader).keptHeader.map { "x_broker.headers.\($0.name)" }
    }

    /// A tool choice (reference, 4): a word, or an object that names one tool.
    ///
    /// - Throws: `JSONError` for anything else.
    mutating func toolChoice(_ key: String) throws(JSONError) -> JSONValue? {
        guard let value = value(key) else { return nil }
        switch value {
        case .string("none"), .string("auto"), .string("required"): return value
        case .object(let object) where object["type"]?.stringValue != nil: return value
        default:
            throw error(
                "invalid_value",
                "'\(param(key))' must be 'none', 'auto', 'required' or an object with a type.",
                key
            )
        }
    }

    /// Free metadata of at most 16 KiB as JSON; none is an empty object.
    ///
    /// - Throws: `JSONError` when it is no object, or too large.
    mutating func metadata(_ key: String) throws(JSONError) -> JSONObject {
        guard let object = try object(key) else { return JSONObject() }
        var bytes: [UInt8] = []
        object.write(to: &bytes)
        guard bytes.count <= 16_384 else {
            throw error(
                "string_above_max_length",
                "'\(param(key))' may have at most 16384 bytes.",
                key
            )
        }
        return object
    }
}

extension JSONReader {
    /// A field of a PATCH body (RFC 7396): absent keeps, null clears, a value sets.
    ///
    /// - Throws: what `read` throws.
    mutating func update<Value>(
        _ key: String,
        _ read: (inout JSONReader) throws(JSONError) -> Value?
    ) throws(JSONError) -> FieldUpdate<Value> {
        guard has(key) else { return .keep }
        guard value(key) != nil, let value = try read(&self) else { return .clear }
        return .set(value)
    }
}
