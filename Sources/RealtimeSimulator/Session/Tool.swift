internal import JSON

/// A function that the client runs, or an MCP server; only functions are ever called here.
struct Tool: Sendable, Equatable {
    let name: String
    let description: String
    let parameters: JSONObject
    let isFunction: Bool
    let json: JSONValue

    static func list(_ values: [JSONValue], path: String) throws(JSONError) -> [Tool] {
        var tools: [Tool] = []
        for (index, value) in values.enumerated() {
            var reader = try JSONReader(of: value, path: "\(path)[\(index)]")
            tools.append(try Tool(&reader, value))
        }
        return tools
    }

    private init(_ reader: inout JSONReader, _ value: JSONValue) throws(JSONError) {
        switch try reader.string("type") {
        case "function":
            guard let name = try reader.string("name") else { throw reader.missing("name") }
            let description = try reader.string("description")
            let parameters = try reader.object("parameters")
            try reader.finish()
            self.name = name
            self.description = description ?? ""
            self.parameters = parameters ?? JSONObject()
            isFunction = true
            json = .object(
                JSONObject(uniqueMembers: [
                    ("type", "function"), ("name", .string(name)),
                    ("description", .optional(description)),
                    ("parameters", parameters.map(JSONValue.object) ?? .null),
                ])
            )
        case "mcp":
            guard let label = try reader.string("server_label") else {
                throw reader.missing("server_label")
            }
            name = label
            description = ""
            parameters = JSONObject()
            isFunction = false
            json = value
        case nil: throw reader.missing("type")
        case let type?:
            throw reader.error("invalid_value", "Invalid value: '\(type)'.", "type")
        }
    }
}
