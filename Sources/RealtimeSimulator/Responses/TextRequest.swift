internal import JSON

/// What a client asks of the language model: the body of `POST /v1/responses`, read strictly.
///
/// https://platform.openai.com/docs/api-reference/responses/create
struct TextRequest: Sendable {
    let model: String
    let instructions: String?
    /// All texts of the input, a line break between them.
    let input: String
    /// The whole format of the answer.
    let format: JSONObject
    /// The schema that the answer must satisfy; nil for free text.
    let schema: JSONObject?
    let maximumOutputTokens: Int64?
    let metadata: JSONObject
    let safetyIdentifier: String?

    /// Reads a body.
    ///
    /// - Throws: `JSONError` in upstream's vocabulary; also for what upstream knows and the simulator
    ///   does not, such as tools.
    init(_ body: JSONReader) throws(JSONError) {
        var reader = body
        guard let model = try reader.string("model", bytes: 1...256) else {
            throw reader.missing("model")
        }
        self.model = model
        instructions = try reader.string("instructions")
        input = try Self.input(&reader)
        maximumOutputTokens = try reader.integer("max_output_tokens", in: 16...Int64.max)
        metadata = try reader.object("metadata") ?? JSONObject()
        safetyIdentifier = try reader.string("safety_identifier", bytes: 1...512)
        (format, schema) = try Self.format(&reader)
        for key in ["stream", "background"] where try reader.bool(key) == true {
            throw reader.error("unsupported_value", "The simulator answers at once, whole.", key)
        }
        try Self.passOver(&reader)
        try reader.finish()
    }

    /// Checks the types of what changes nothing here.
    private static func passOver(_ reader: inout JSONReader) throws(JSONError) {
        for key in ["user", "prompt_cache_key", "service_tier", "truncation"] {
            _ = try reader.string(key)
        }
        for key in ["temperature", "top_p"] { _ = try reader.double(key) }
        for key in ["parallel_tool_calls", "store"] { _ = try reader.bool(key) }
        _ = try reader.object("reasoning")
    }

    // MARK: Input

    private static func input(_ reader: inout JSONReader) throws(JSONError) -> String {
        guard let value = reader.value("input") else { throw reader.missing("input") }
        if let text = value.stringValue { return text }
        guard let items = try reader.array("input") else { throw reader.missing("input") }
        var texts: [String] = []
        for (index, item) in items.enumerated() {
            var message = try JSONReader(of: item, path: "input[\(index)]")
            texts.append(try text(&message))
        }
        return texts.joined(separator: "\n")
    }

    private static func text(_ message: inout JSONReader) throws(JSONError) -> String {
        guard try message.string("type") ?? "message" == "message" else {
            throw message.error("invalid_value", "The simulator reads messages only.", "type")
        }
        guard let role = try message.string("role") else { throw message.missing("role") }
        guard ["user", "system", "developer", "assistant"].contains(role) else {
            throw message.error("invalid_value", "Invalid value: '\(role.prefix(64))'.", "role")
        }
        _ = try message.string("status")
        guard let content = message.value("content") else { throw message.missing("content") }
        if let text = content.stringValue {
            try message.finish()
            return text
        }
        var texts: [String] = []
        for (index, value) in (try message.array("content") ?? []).enumerated() {
            let path = message.param("content[\(index)]")
            var part = try JSONReader(of: value, path: path)
            let expected = role == "assistant" ? "output_text" : "input_text"
            guard try part.string("type") == expected else {
                let message = "Invalid value. Supported values are: '\(expected)'."
                throw part.error("invalid_value", message, "type")
            }
            guard let text = try part.string("text") else { throw part.missing("text") }
            texts.append(text)
        }
        try message.finish()
        return texts.joined(separator: "\n")
    }

    // MARK: Format

    private static func format(
        _ reader: inout JSONReader
    ) throws(JSONError) -> (JSONObject, schema: JSONObject?) {
        let plain: JSONObject = ["type": "text"]
        guard var text = try reader.reader("text") else { return (plain, nil) }
        _ = try text.string("verbosity")
        guard let object = try text.object("format"), var format = try text.reader("format") else {
            try text.finish()
            return (plain, nil)
        }
        try text.finish()
        guard let type = try format.string("type") else { throw format.missing("type") }
        guard type == "json_schema" else {
            guard type == "text" else {
                let message = "The simulator writes 'text' and 'json_schema' only."
                throw format.error("invalid_value", message, "type")
            }
            try format.finish()
            return (object, nil)
        }
        guard let name = try format.string("name", bytes: 1...64) else {
            throw format.missing("name")
        }
        guard let schema = try format.object("schema") else { throw format.missing("schema") }
        _ = try format.string("description")
        // The simulator keeps to the same rules where they are not asked for.
        _ = try format.bool("strict")
        try format.finish()
        if let problem = StrictSchema.problem(in: schema) {
            let message = "Invalid schema for response_format '\(name)': \(problem)"
            throw format.error("invalid_json_schema", message, "schema")
        }
        return (object, schema)
    }
}
