internal import ContextStore
internal import JSON
internal import Locking
internal import TextAnalysis
internal import WebServer

/// Summarises segments through upstream's language models, within a budget.
///
/// Waits for its turn in the minute, and tries again what may go better. The day's budget used up,
/// a wrong key and a long absence of upstream's are told as ``SegmentSummaryError/later(after:)``;
/// an outage as ``SegmentSummaryError/failed(reason:after:)``.
final class ModelSummarizer: SegmentSummarizing {
    /// The longest answer, hidden reasoning included: a summary and twenty facts take about 2,000.
    static let maximumOutputTokens = 4_000
    /// More than any request can cost: instructions, transcript, form and answer.
    static let maximumRequestTokens = 16_000

    private let upstream: OpenAIClient
    private let model: String
    private let timeout: Duration
    private let pacing: HTTPClient.Pacing
    private let retry: ModelRetry
    private let budget: Mutex<ModelBudget>

    /// A summarizer of one model.
    ///
    /// - Parameters:
    ///   - upstream: Where the model is.
    ///   - configuration: Which model, and how much of it.
    ///   - timeout: How long one answer may take.
    ///   - pacing: Where time and chance come from.
    init(
        upstream: OpenAIClient,
        configuration: SummaryConfiguration,
        timeout: Duration = .seconds(90),
        pacing: HTTPClient.Pacing = .live
    ) {
        self.upstream = upstream
        self.timeout = timeout
        self.pacing = pacing
        model = configuration.model
        retry = ModelRetry()
        budget = Mutex(
            ModelBudget(
                requestsPerMinute: configuration.requestsPerMinute,
                tokensPerDay: configuration.tokensPerDay
            )
        )
    }

    func summarize(_ segment: SegmentTranscript) async throws -> ModelSummary {
        let transcript = QuotedTranscript(segment)
        guard !transcript.isEmpty else {
            throw SegmentSummaryError.gaveUp(reason: "nothing was said")
        }
        let request = ModelRequest(
            model: model,
            instructions: SummaryPrompt.instructions,
            input: SummaryPrompt.input(transcript),
            format: SummaryPrompt.format,
            maximumOutputTokens: Self.maximumOutputTokens,
            safetyIdentifier: try SafetyIdentifier.make(for: segment.user)
        )
        var attempt = 1
        while true {
            do {
                let answer = try await ask(request)
                if let summary = SummaryReader(transcript: transcript).summary(in: answer) {
                    return summary
                }
                throw ModelFailure.useless(reason: "the answer is malformed")
            } catch let failure as ModelFailure {
                let random = pacing.random()
                switch retry.step(after: failure, attempt: attempt, random: random) {
                case .stop(let error): throw error
                case .retry(let pause): try await pacing.sleep(pause)
                }
            }
            attempt += 1
        }
    }

    /// Asks once, within the budget.
    private func ask(_ request: ModelRequest) async throws -> String {
        let reservation = try await reserve(Self.tokens(request))
        let response: ModelResponse
        do {
            response = try await upstream.respond(request, timeout: timeout)
        } catch let error as HTTPError {
            // An error is free; what was not heard of again may have been carried out.
            if error.upstream != nil, error.code != "upstream_malformed_answer" {
                budget.withLock { $0.settle(reservation, used: 0) }
            }
            throw ModelFailure(error)
        }
        let used = response.totalTokens ?? reservation.tokens
        budget.withLock { $0.settle(reservation, used: used) }
        guard case .text(let text) = response.outcome else {
            throw ModelFailure(response.outcome)
                ?? .useless(reason: "the answer is malformed")
        }
        return text
    }

    private func reserve(_ tokens: Int) async throws -> ModelBudget.Reservation {
        while true {
            let now = Timestamp(milliseconds: pacing.unixSeconds() * 1_000)
            switch budget.withLock({ $0.reserve(tokens, at: now) }) {
            case .granted(let reservation): return reservation
            case .wait(let pause): try await pacing.sleep(pause)
            case .exhausted(let pause): throw SegmentSummaryError.later(after: pause)
            }
        }
    }

    /// What a request may cost at most.
    static func tokens(_ request: ModelRequest) -> Int {
        let schema = request.format.map { JSONValue.object($0.schema).text } ?? ""
        return TokenEstimate.tokens(in: request.instructions)
            + TokenEstimate.tokens(in: request.input) + TokenEstimate.tokens(in: schema)
            + request.maximumOutputTokens
    }
}
