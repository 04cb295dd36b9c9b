internal import ContextStore

/// What a model costs; nil for what it has no price for.
///
/// Prices are whole billionths of a dollar, of a million tokens or of a minute.
struct ModelPrice: Sendable, Equatable {
    var inputText: Int64?
    var inputAudio: Int64?
    var inputImage: Int64?
    var cachedText: Int64?
    var cachedAudio: Int64?
    var cachedImage: Int64?
    var outputText: Int64?
    var outputAudio: Int64?
    /// Of audio, for models that are paid by time.
    var minute: Int64?

    /// What an amount costs, in billionths of a dollar, rounded once; nil when it holds anything
    /// that has no price.
    func cost(of tokens: UsageTokens, milliseconds: Int64) -> Int64? {
        let amounts: [(amount: Int64, price: Int64?)] = [
            (tokens.inputText - tokens.cachedText, inputText),
            (tokens.inputAudio - tokens.cachedAudio, inputAudio),
            (tokens.inputImage - tokens.cachedImage, inputImage),
            (tokens.cachedText, cachedText),
            (tokens.cachedAudio, cachedAudio),
            (tokens.cachedImage, cachedImage),
            (tokens.outputText, outputText),
            (tokens.outputAudio, outputAudio),
        ]
        // In billionths of a dollar, times 60 million: what a token and a millisecond have in common.
        var sum: Int128 = 0
        for (amount, price) in amounts where amount > 0 {
            guard let price else { return nil }
            sum += Int128(amount) * Int128(price) * 60
        }
        if milliseconds > 0 {
            guard let minute else { return nil }
            sum += Int128(milliseconds) * Int128(minute) * 1_000
        }
        return Int64(clamping: (sum + 30_000_000) / 60_000_000)
    }
}
