import Testing

@testable import TextAnalysis

@Suite struct QuotedTextTests {
    @Test func `text with spaces is cut at a word`() {
        let text = String(repeating: "kettle ", count: 100)
        let (line, isCut) = QuotedText.cutLine(text, maximumTokens: 20)
        #expect(isCut && line.hasSuffix("kettle …"))
        #expect(TokenEstimate.tokens(in: line) <= 22)
        #expect(QuotedText.cutLine("a  b\nc", maximumTokens: 20) == ("a b c", false))
    }

    @Test(arguments: ["", "東京 "])
    func `text without spaces is cut where its tokens end`(_ start: String) {
        let text = start + String(repeating: "東", count: 500)
        let (line, isCut) = QuotedText.cutLine(text, maximumTokens: 60)
        #expect(isCut && line.hasSuffix("東…"))
        #expect((50...64).contains(TokenEstimate.tokens(in: line)))
    }

    @Test func `what was written with an ellipsis is not cut`() {
        #expect(QuotedText.cutLine("and so on …", maximumTokens: 20).isCut == false)
    }

    @Test func `signs that nobody sees do not hide within a character`() {
        let tags = "ok\u{E0049}\u{E0067}\u{E006E}ore"
        #expect(QuotedText.line(tags, maximumTokens: 20) == "okore")
        #expect(QuotedText.line("👍\u{E0041}", maximumTokens: 20) == "👍")
        #expect(
            QuotedText.line("a\u{202E}b", maximumTokens: 20).unicodeScalars.allSatisfy {
                !$0.isUnsafeInLine
            }
        )
    }
}
