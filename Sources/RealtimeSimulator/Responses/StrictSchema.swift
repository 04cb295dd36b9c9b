internal import JSON

/// The rules of upstream's strict schemas, as far as they can be broken by mistake.
///
/// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
enum StrictSchema {
    private static let maximumDepth = 10
    private static let unsupported = [
        "allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else",
    ]
    private static let types: Set<String> = [
        "string", "number", "boolean", "integer", "object", "array", "null",
    ]

    /// What is wrong with a schema first, in upstream's words; nil when nothing is.
    static func problem(in schema: JSONObject) -> String? {
        guard schema["type"] == "object" else {
            return "schema must be a JSON Schema of 'type: \"object\"'."
        }
        return problem(in: .object(schema), at: [], depth: 0)
    }

    private static func problem(
        in value: JSONValue,
        at path: [String],
        depth: Int
    ) -> String? {
        let context = "In context=(\(path.map { "'\($0)'" }.joined(separator: ", ")))"
        guard let schema = value.objectValue else { return "\(context), a schema is an object." }
        guard depth <= maximumDepth else { return "\(context), the schema is nested too deep." }
        if let keyword = unsupported.first(where: { schema[$0] != nil }) {
            return "\(context), '\(keyword)' is not permitted."
        }
        guard schema["$ref"] == nil else { return "\(context), the simulator follows no '$ref'." }
        if let choices = schema["anyOf"] {
            guard let choices = choices.arrayValue, !choices.isEmpty else {
                return "\(context), 'anyOf' is not a list of schemas."
            }
            return choices.lazy.compactMap {
                problem(in: $0, at: path + ["anyOf"], depth: depth + 1)
            }
            .first
        }
        guard let types = typeNames(of: schema) else {
            return "\(context), schema must have a 'type' key."
        }
        if types.contains("array") {
            guard let items = schema["items"] else { return "\(context), array is missing items." }
            if let problem = problem(in: items, at: path + ["items"], depth: depth + 1) {
                return problem
            }
        }
        return types.contains("object")
            ? problem(inObject: schema, context: context, at: path, depth: depth) : nil
    }

    private static func problem(
        inObject schema: JSONObject,
        context: String,
        at path: [String],
        depth: Int
    ) -> String? {
        guard schema["additionalProperties"] == false else {
            return "\(context), 'additionalProperties' is required to be supplied and to be false."
        }
        let properties = schema["properties"]?.objectValue?.members ?? []
        let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard Set(required) == Set(properties.map(\.key)) else {
            return "\(context), 'required' is required to be supplied and to be an array including "
                + "every key in properties."
        }
        return properties.lazy.compactMap { key, value in
            problem(in: value, at: path + ["properties", key], depth: depth + 1)
        }.first
    }

    /// The types that a schema allows; nil when it names none, or unknown ones.
    static func typeNames(of schema: JSONObject) -> [String]? {
        let names =
            schema["type"]?.stringValue.map { [$0] }
            ?? schema["type"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return names.isEmpty || !types.isSuperset(of: names) ? nil : names
    }
}
