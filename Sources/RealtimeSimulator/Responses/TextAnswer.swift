internal import JSON

/// What the language model answers, and upstream's object around it.
///
/// https://platform.openai.com/docs/api-reference/responses/object
struct TextAnswer: Sendable, Equatable {
    /// How an answer comes out.
    enum Outcome: Sendable, Equatable {
        case text(String)
        case refusal(String)
        /// Cut off, with upstream's reason.
        case incomplete(String, reason: String)
        /// Failed, with upstream's error of `code` and `message`.
        case failure(JSONObject)
    }

    let outcome: Outcome

    init(_ outcome: Outcome) {
        self.outcome = outcome
    }

    /// The simulator's own answer: taken from the input, within the bound that was asked for.
    init(to request: TextRequest) {
        let source = SourceText(request.input)
        let text =
            request.schema.map { JSONValue.object(SchemaWriter(source: source).object($0)).text }
            ?? Self.plainText(source)
        let limit = request.maximumOutputTokens ?? .max
        if Usage.tokens(text) > limit {
            let kept = String(decoding: text.utf8.prefix(Int(limit) * 4), as: UTF8.self)
            outcome = .incomplete(kept, reason: "max_output_tokens")
        } else {
            outcome = .text(text)
        }
    }

    private static func plainText(_ source: SourceText) -> String {
        let lines = source.salientLines(limit: 2)
        guard !lines.isEmpty else {
            return "\(AnswerWriter.selfDescription) I found nothing in the text to tell."
        }
        let quotes = lines.map { "\"\($0.text.prefix(1_000))\"" }.joined(separator: " and ")
        return "\(AnswerWriter.selfDescription) The text says: \(quotes)"
    }

    /// The whole answer; `createdAt` in Unix seconds.
    func json(
        to request: TextRequest,
        createdAt: Int64,
        identifiers: inout Identifiers
    ) -> JSONValue {
        var metadata = request.metadata
        metadata["simulated"] = "true"
        return .object(
            JSONObject(uniqueMembers: [
                ("id", .string(identifiers.response())), ("object", "response"),
                ("created_at", .integer(createdAt)), ("status", .string(status)),
                ("background", false), ("error", error), ("incomplete_details", incompleteDetails),
                ("instructions", .optional(request.instructions)),
                ("max_output_tokens", .optional(request.maximumOutputTokens)),
                ("model", .string("\(request.model) (simulated)")),
                ("output", .array(output(id: identifiers.message()))),
                ("parallel_tool_calls", true), ("previous_response_id", .null),
                ("reasoning", ["effort": .null, "summary": .null]),
                ("safety_identifier", .optional(request.safetyIdentifier)),
                ("store", false), ("temperature", 1.0),
                ("text", ["format": .object(request.format), "verbosity": "medium"]),
                ("tool_choice", "auto"), ("tools", []), ("top_p", 1.0),
                ("truncation", "disabled"), ("usage", usage(of: request)), ("user", .null),
                ("metadata", .object(metadata)),
            ])
        )
    }

    private var status: String {
        switch outcome {
        case .text, .refusal: "completed"
        case .incomplete: "incomplete"
        case .failure: "failed"
        }
    }

    private var error: JSONValue {
        if case .failure(let error) = outcome { .object(error) } else { .null }
    }

    private var incompleteDetails: JSONValue {
        guard case .incomplete(_, let reason) = outcome else { return .null }
        return ["reason": .string(reason)]
    }

    private func output(id: String) -> [JSONValue] {
        let content: JSONValue
        switch outcome {
        case .text(let text), .incomplete(let text, _):
            content = [
                "type": "output_text", "annotations": [], "logprobs": [], "text": .string(text),
            ]
        case .refusal(let text): content = ["type": "refusal", "refusal": .string(text)]
        case .failure: return []
        }
        let state = status
        return [
            [
                "id": .string(id), "type": "message", "status": .string(state),
                "content": [content], "role": "assistant",
            ]
        ]
    }

    private func usage(of request: TextRequest) -> JSONValue {
        let format = JSONValue.object(request.format).text
        let input = [request.instructions ?? "", request.input, format].map(Usage.tokens)
            .reduce(0, +)
        let output: Int
        switch outcome {
        case .text(let text), .refusal(let text), .incomplete(let text, _):
            output = Usage.tokens(text)
        case .failure: return .null
        }
        return [
            "input_tokens": .integer(Int64(input)),
            "input_tokens_details": ["cached_tokens": 0],
            "output_tokens": .integer(Int64(output)),
            "output_tokens_details": ["reasoning_tokens": 0],
            "total_tokens": .integer(Int64(input + output)),
        ]
    }
}
