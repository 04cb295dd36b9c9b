internal import JSON

extension SocketScenario.ScriptedAnswer {
    /// Reads one entry of `answers`: a text, or an object of what the response says and does.
    ///
    /// - Throws: `JSONError` naming what is unknown, missing or of a wrong type.
    init(_ value: JSONValue, path: String) throws(JSONError) {
        if let text = value.stringValue {
            self = .text(text)
            return
        }
        var reader = try JSONReader(of: value, path: path)
        if var error = try reader.reader("error") {
            self = .failure([
                "type": .string(try error.string("type") ?? "server_error"),
                "code": .optional(try error.string("code")),
                "message": .string(try error.string("message") ?? "The response failed."),
            ])
            try error.finish()
            try reader.finish()
            return
        }
        // In the order in which a model that reasons does them.
        var outputs: [Answer] = []
        if let text = try reader.string("commentary") { outputs.append(.commentary(text)) }
        if var call = try reader.reader("mcp_call") { outputs.append(.mcpCall(try MCPCall(&call))) }
        if var call = try reader.reader("function_call") {
            guard let name = try call.string("name") else { throw call.missing("name") }
            outputs.append(.functionCall(name: name, arguments: Self.arguments(&call)))
            try call.finish()
        }
        if let text = try reader.string("text") { outputs.append(.text(text)) }
        try reader.finish()
        guard outputs.contains(where: { $0.phase != "commentary" }) else {
            throw reader.missing("text")
        }
        self.outputs = outputs
    }

    /// Arguments as a string, or as the JSON that goes into one.
    fileprivate static func arguments(_ reader: inout JSONReader) -> String {
        guard let value = reader.value("arguments") else { return "{}" }
        return value.stringValue ?? value.text
    }
}

extension MCPCall {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        guard let label = try reader.string("server_label") else {
            throw reader.missing("server_label")
        }
        guard let name = try reader.string("name") else { throw reader.missing("name") }
        let output = try reader.string("output")
        let error = try reader.object("error")
        guard (output == nil) != (error == nil) else { throw reader.missing("output") }
        self.init(
            serverLabel: label,
            name: name,
            arguments: SocketScenario.ScriptedAnswer.arguments(&reader),
            output: output,
            error: error.map(JSONValue.object) ?? .null
        )
        try reader.finish()
    }
}
