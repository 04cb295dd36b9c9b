internal import ContextStore

/// What models cost, by their names.
struct ModelPrices: Sendable, Equatable {
    var byModel: [String: ModelPrice]

    /// What something costs in billionths of a dollar; nil when a price is not known.
    ///
    /// What consumed nothing costs nothing, whatever the model.
    func cost(of tokens: UsageTokens, milliseconds: Int64, model: String) -> Int64? {
        let price = self[model] ?? ModelPrice()
        return price.cost(of: tokens, milliseconds: milliseconds)
    }

    /// The price of a model; a dated snapshot has that of its model unless it has its own.
    subscript(model: String) -> ModelPrice? {
        byModel[model] ?? Self.undated(model).flatMap { byModel[$0] }
    }

    /// The name without a date such as `-2026-07-06` at its end; nil without one.
    private static func undated(_ model: String) -> String? {
        let date = Array(model.utf8.suffix(11))
        let isDate =
            date.count == 11
            && date.indices.allSatisfy { index in
                switch index {
                case 0, 5, 8: date[index] == UInt8(ascii: "-")
                default: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(date[index])
                }
            }
        return isDate ? String(model.dropLast(11)) : nil
    }
}

// MARK: Published prices

extension ModelPrices {
    /// OpenAI's prices as its pages of the models had them in November 2026
    /// (https://developers.openai.com/api/docs/models).
    ///
    /// Left out is what those pages do not say, or what two of them say differently.
    static let published = ModelPrices(byModel: [
        "gpt-realtime-2.1": large(outputText: 24),
        "gpt-realtime-2": large(outputText: 24),
        "gpt-realtime-1.5": large(outputText: 16),
        "gpt-realtime-2.1-mini": ModelPrice(
            inputText: dollars(0.6),
            inputAudio: dollars(10),
            inputImage: dollars(0.8),
            cachedText: dollars(0.06),
            cachedAudio: dollars(0.3),
            cachedImage: dollars(0.08),
            outputText: dollars(2.4),
            outputAudio: dollars(20)
        ),
        "gpt-audio-1.5": ModelPrice(
            inputText: dollars(2.5),
            inputAudio: dollars(32),
            outputText: dollars(10),
            outputAudio: dollars(64)
        ),
        "gpt-realtime-translate": ModelPrice(minute: dollars(0.034)),
        "gpt-live-transcribe": ModelPrice(minute: dollars(0.017)),
        "gpt-realtime-whisper": ModelPrice(minute: dollars(0.017)),
        "gpt-transcribe": ModelPrice(minute: dollars(0.0045)),
    ])

    /// The models that differ only in what their text costs.
    private static func large(outputText: Double) -> ModelPrice {
        ModelPrice(
            inputText: dollars(4),
            inputAudio: dollars(32),
            inputImage: dollars(5),
            cachedText: dollars(0.4),
            cachedAudio: dollars(0.4),
            cachedImage: dollars(0.5),
            outputText: dollars(outputText),
            outputAudio: dollars(64)
        )
    }

    /// Billionths of a dollar.
    static func dollars(_ amount: Double) -> Int64 {
        Int64((amount * 1_000_000_000).rounded())
    }
}
