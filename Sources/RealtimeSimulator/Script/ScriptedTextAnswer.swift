internal import JSON

/// What a script wants of the language model's next answers.
struct ScriptedTextAnswer: Sendable, Equatable {
    var times: Int
    let outcome: TextAnswer.Outcome

    /// Reads one entry, which has exactly one of `text`, `refusal`, `incomplete` and `error`.
    ///
    /// - Throws: `JSONError` naming what is unknown, missing or of a wrong type.
    init(_ reader: inout JSONReader) throws(JSONError) {
        times = Int(try reader.integer("times", in: 1...1_000_000) ?? 1)
        var outcomes: [TextAnswer.Outcome] = []
        let text = try reader.string("text")
        if let reason = try reader.string("incomplete") {
            outcomes.append(.incomplete(text ?? "", reason: reason))
        } else if let text {
            outcomes.append(.text(text))
        }
        if let refusal = try reader.string("refusal") { outcomes.append(.refusal(refusal)) }
        if var error = try reader.reader("error") {
            outcomes.append(
                .failure([
                    "code": .string(try error.string("code") ?? "server_error"),
                    "message": .string(try error.string("message") ?? "The response failed."),
                ])
            )
            try error.finish()
        }
        try reader.finish()
        guard let outcome = outcomes.first, outcomes.count == 1 else {
            throw JSONError(
                code: "invalid_value",
                message: "An answer is one of 'text', 'refusal', 'incomplete' and 'error'.",
                param: reader.param("text")
            )
        }
        self.outcome = outcome
    }
}
