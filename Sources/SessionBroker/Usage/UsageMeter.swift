internal import ContextStore
internal import JSON
internal import Transcript

/// Turns what a session's events say of usage into what is recorded, with its cost.
struct UsageMeter: Sendable {
    let session: SessionID
    let prices: ModelPrices
    /// The model that answers; empty in a transcription session.
    var model: String
    /// The model that transcribes what the user says; empty when none does.
    var transcriptionModel: String

    /// A meter of a session.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - upstream: Its session object as upstream has it, which names the models.
    ///   - prices: What models cost.
    init(session: SessionID, upstream: JSONObject, prices: ModelPrices) {
        self.session = session
        self.prices = prices
        let input = upstream["audio"]?["input"]
        model = upstream["model"]?.stringValue ?? ""
        transcriptionModel = input?["transcription"]?["model"]?.stringValue ?? ""
    }

    /// What is recorded of a `TranscriptAction.recordUsage`.
    func usage(_ usage: TranscriptUsage) -> NewUsage {
        let tokens = UsageTokens(usage.usage)
        let milliseconds = Self.milliseconds(usage.usage.seconds)
        var new = NewUsage(
            sessionID: session,
            source: .response,
            sourceID: "",
            model: model,
            tokens: tokens,
            milliseconds: milliseconds
        )
        switch usage.source {
        case .response(let id, let status):
            new.sourceID = id
            new.status = status?.rawValue
        case .transcription(let itemID):
            new.source = .transcription
            new.sourceID = itemID
            new.model = transcriptionModel
        }
        new.costNanodollars = prices.cost(
            of: tokens,
            milliseconds: milliseconds,
            model: new.model
        )
        return new
    }

    private static func milliseconds(_ seconds: Double?) -> Int64 {
        guard let seconds, seconds > 0 else { return 0 }
        return Int64((min(seconds, 1e6) * 1_000).rounded())
    }
}

extension UsageTokens {
    /// More than any response can have; sums of wrong numbers must not overflow.
    private static let bound: Int64 = 1_000_000_000

    /// The tokens of an event; what it does not say the kind of counts as text.
    init(_ usage: TokenUsage) {
        self.init()
        inputAudio = Self.bounded(usage.input.audio)
        inputImage = Self.bounded(usage.input.image)
        inputText = max(
            Self.bounded(usage.input.text),
            Self.bounded(usage.input.total) - inputAudio - inputImage
        )
        cachedAudio = min(Self.bounded(usage.cached.audio), inputAudio)
        cachedImage = min(Self.bounded(usage.cached.image), inputImage)
        let cachedRest = Self.bounded(usage.cached.total) - cachedAudio - cachedImage
        cachedText = min(max(Self.bounded(usage.cached.text), cachedRest), inputText)
        outputAudio = Self.bounded(usage.output.audio)
        outputText = max(
            Self.bounded(usage.output.text),
            Self.bounded(usage.output.total) - outputAudio
        )
        reasoning = min(Self.bounded(usage.output.reasoning), outputText)
    }

    private static func bounded(_ count: Int) -> Int64 {
        min(max(Int64(count), 0), bound)
    }
}
