internal import JSON

/// What is asked of a language model: the body of `POST /responses`.
///
/// https://platform.openai.com/docs/api-reference/responses/create
struct ModelRequest: Sendable, Equatable {
    /// The form that the answer must have.
    struct Format: Sendable, Equatable {
        /// Letters, digits, `_` and `-`, at most 64.
        var name: String
        /// A JSON schema in upstream's strict subset: every object closed, every member required.
        var schema: JSONObject
    }

    /// Upstream's name of the model.
    var model: String
    /// What the model is told by us.
    var instructions: String
    /// What the model is given to read, as a user's message.
    var input: String
    /// The form of the answer; nil for free text.
    var format: Format?
    /// The bound of the answer, the model's hidden reasoning included.
    var maximumOutputTokens: Int
    /// A stable hash that stands for the end user.
    var safetyIdentifier: String?

    /// The body; upstream is told to keep nothing.
    var json: JSONValue {
        var body: JSONObject = [
            "model": .string(model),
            "instructions": .string(instructions),
            "input": [
                [
                    "type": "message", "role": "user",
                    "content": [["type": "input_text", "text": .string(input)]],
                ]
            ],
            "max_output_tokens": .integer(Int64(maximumOutputTokens)),
            "store": false,
        ]
        if let format {
            body["text"] = [
                "format": [
                    "type": "json_schema", "name": .string(format.name),
                    "schema": .object(format.schema), "strict": true,
                ]
            ]
        }
        if let safetyIdentifier { body["safety_identifier"] = .string(safetyIdentifier) }
        return .object(body)
    }
}
