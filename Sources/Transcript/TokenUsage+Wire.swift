public import JSON

extension TokenUsage {
    /// Reads usage as it came (the Realtime reference, 8.3); nil if there is none.
    public init?(wire: JSONValue?) {
        guard let usage = wire?.objectValue, !usage.isEmpty else { return nil }
        func count(_ value: JSONValue?) -> Int { max(0, Int(value?.integerValue ?? 0)) }
        func details(_ value: JSONValue?, total: Int) -> Details {
            var details = Details()
            details.text = count(value?["text_tokens"])
            details.audio = count(value?["audio_tokens"])
            details.image = count(value?["image_tokens"])
            details.reasoning = count(value?["reasoning_tokens"])
            details.total = total
            return details
        }
        let inputDetails = usage["input_token_details"]
        input = details(inputDetails, total: count(usage["input_tokens"]))
        output = details(usage["output_token_details"], total: count(usage["output_tokens"]))
        cached = details(
            inputDetails?["cached_tokens_details"],
            total: count(inputDetails?["cached_tokens"])
        )
        total = usage["total_tokens"].map(count) ?? input.total &+ output.total
        seconds = usage["seconds"]?.doubleValue
        raw = usage
    }
}
