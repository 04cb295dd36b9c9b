internal import JSON

/// What a language model answered.
///
/// https://platform.openai.com/docs/api-reference/responses/object
struct ModelResponse: Sendable, Equatable {
    /// How the answer came out.
    enum Outcome: Sendable, Equatable {
        /// The whole answer.
        case text(String)
        /// The model declines, in its own words.
        case refusal(String)
        /// The answer was cut off: `max_output_tokens`, `content_filter` or another reason.
        case incomplete(reason: String)
        /// Upstream failed after it had begun: `server_error`, `rate_limit_exceeded`, ….
        case failed(code: String)
    }

    /// How it came out.
    var outcome: Outcome
    /// The tokens of question and answer together; nil where upstream does not tell.
    var totalTokens: Int?

    /// Reads an answer of `POST /responses`; nil when it is not one.
    ///
    /// All texts of all messages are joined; reasoning and whatever else a model puts out is passed
    /// over. A server that does not tell a status is taken to have finished.
    init?(_ answer: JSONValue) {
        guard let output = answer["output"]?.arrayValue else { return nil }
        totalTokens = answer["usage"].flatMap(Self.totalTokens)
        let parts = output.filter { $0["type"]?.stringValue == "message" }
            .flatMap { $0["content"]?.arrayValue ?? [] }
        let refusals = parts.filter { $0["type"]?.stringValue == "refusal" }
        switch answer["status"]?.stringValue ?? "completed" {
        case "completed" where !refusals.isEmpty:
            outcome = .refusal(refusals.compactMap { $0["refusal"]?.stringValue }.joined())
        case "completed":
            let texts = parts.filter { $0["type"]?.stringValue == "output_text" }
                .compactMap { $0["text"]?.stringValue }
            guard !texts.isEmpty else { return nil }
            outcome = .text(texts.joined())
        case "incomplete":
            let reason = answer["incomplete_details"]?["reason"]?.stringValue
            outcome = .incomplete(reason: reason ?? "unknown")
        case "failed":
            outcome = .failed(code: answer["error"]?["code"]?.stringValue ?? "unknown")
        default:
            return nil
        }
    }

    private static func totalTokens(_ usage: JSONValue) -> Int? {
        let parts = ["input_tokens", "output_tokens"].compactMap { usage[$0]?.integerValue }
        let total = usage["total_tokens"]?.integerValue
        guard let total = total ?? (parts.count == 2 ? parts[0] &+ parts[1] : nil) else {
            return nil
        }
        return total >= 0 ? Int(total) : nil
    }
}
