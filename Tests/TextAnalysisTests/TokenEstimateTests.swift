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
}
