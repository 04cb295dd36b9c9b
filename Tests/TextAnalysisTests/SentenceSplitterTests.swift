import Testing
import TextAnalysis

@Suite struct SentenceSplitterTests {
    @Test(arguments: [
        ("", []),
        ("One", ["One"]),
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Really?! \"Yes.\" Good", ["Really?!", "\"Yes.\"", "Good"]),
        ("It costs 3.50 a piece. Fine.", ["It costs 3.50 a piece.", "Fine."]),
        ("Dr. Lind met J. Berg. They spoke.", ["Dr. Lind met J. Berg.", "They spoke."]),
        (
            "we moved there. it was cold, i.e. very cold",
            [
                "we moved there.", "it was cold, i.e. very cold",
            ]
        ),
        ("So did I. Then we left.", ["So did I.", "Then we left."]),
        ("Well… maybe. Or not", ["Well… maybe.", "Or not"]),
        ("a line\nand another\n\n", ["a line", "and another"]),
        ("住所は東京です。猫がいます！はい", ["住所は東京です。", "猫がいます！", "はい"]),
        ("यह पहला है। यह दूसरा है।", ["यह पहला है।", "यह दूसरा है।"]),
    ])
    func `a text is cut at the ends of its sentences`(text: String, sentences: [String]) {
        #expect(SentenceSplitter.sentences(of: text) == sentences)
    }

    @Test func `a limit ends the reading`() {
        let text = String(repeating: "Yes. ", count: 1_000)
        #expect(SentenceSplitter.sentences(of: text, limit: 3) == ["Yes.", "Yes.", "Yes."])
    }
}
