/// Which language model writes summaries, and how much it may be used.
public struct SummaryConfiguration: Sendable, Equatable {
    /// Upstream's name of the model.
    public var model: String
    /// Tokens of questions and answers in a UTC day, of all users together.
    public var tokensPerDay: Int
    /// Requests in a minute.
    public var requestsPerMinute: Int

    /// Makes a configuration from its parts.
    public init(model: String, tokensPerDay: Int = 2_000_000, requestsPerMinute: Int = 60) {
        self.model = model
        self.tokensPerDay = tokensPerDay
        self.requestsPerMinute = requestsPerMinute
    }
}
