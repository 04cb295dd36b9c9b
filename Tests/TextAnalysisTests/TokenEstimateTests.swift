import Testing
import TextAnalysis

@Suite struct TokenEstimateTests {
    @Test(arguments: [
        ("", 0), ("a", 2), ("hello world", 3), ("one two three four five six seven eight", 11),
        ("internationalisation", 5), ("日本語", 5), ("привет мир", 5),
    ])
    func `the estimate is on the safe side`(text: String, tokens: Int) {
        #expect(TokenEstimate.tokens(in: text) == tokens)
    }

    @Test(arguments: [
        ("", 0), ("hello world", 3), ("привет мир", 5), ("日本語です", 4), ("สวัสดี", 5),
        ("שלום עולם", 6),
    ])
    func `the likely number is the safe one, or half of it beyond Latin, Greek and Cyrillic`(
        text: String,
        tokens: Int
    ) {
        #expect(TokenEstimate.likelyTokens(in: text) == tokens)
    }
}
