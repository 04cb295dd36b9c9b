import Testing
import TextAnalysis

@Suite struct WordsTests {
    @Test(arguments: [
        ("", []),
        (" \n\t", []),
        ("Hello, World!", ["hello", "world"]),
        ("don't stop", ["don", "t", "stop"]),
        ("Zoë's Café", ["zoe", "s", "cafe"]),
        ("ÜBER straße", ["uber", "straße"]),
        ("3.5 km on 2026-11-21", ["3", "5", "km", "on", "2026", "11", "21"]),
        ("NEAR(a OR \"b\") *:^", ["near", "a", "or", "b"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("Привет", ["привет"]),
        ("🎉 party", ["emoji1f389", "party"]),
    ])
    func `words are runs of letters and digits without case and accents`(
        text: String,
        words: [String]
    ) {
        #expect(Words.queryTerms(of: text) == words)
        #expect(Words.indexTerms(of: text) == words)
    }

    @Test func `a script without spaces is cut into pairs`() {
        #expect(Words.indexTerms(of: "東京都に住む。") == ["東京", "京都", "都に", "に住", "住む", "む"])
        #expect(Words.queryTerms(of: "東京都") == ["東京", "京都"])
        #expect(Words.indexTerms(of: "iPhoneを買う") == ["iphone", "を買", "買う", "う"])
    }

    @Test func `a single character of such a script is found by what begins with it`() {
        #expect(Words.queryTerms(of: "猫") == ["猫"])
        #expect(Words.isSingleDenseCharacter("猫"))
        #expect(!Words.isSingleDenseCharacter("a"))
        #expect(Words.indexTerms(of: "黒猫") == ["黒猫", "猫"])
    }

    @Test func `an endless word is cut`() {
        let terms = Words.indexTerms(of: String(repeating: "a", count: 10_000) + " b")
        #expect(terms == [String(repeating: "a", count: Words.maximumLength), "b"])
    }

    @Test(arguments: [
        ("moved", "move"), ("moving", "move"), ("ponies", "poni"), ("naïve", "naïv"), ("", ""),
        ("привет", "привет"),
    ])
    func `forms of a word have one stem`(word: String, stem: String) {
        #expect(Stemmer().stem(word) == stem)
    }

    @Test func `stop words carry nothing`() {
        #expect(StopWords.contains("the"))
        #expect(StopWords.contains("don"))
        #expect(!StopWords.contains("paris"))
    }

    @Test func `no sign gets into a word behind one that goes before letters`() {
        // U+0D4E takes what follows into one character with it.
        for text in ["\u{D4E}\"x", "\u{D4E}) x", "東\u{D4E}\"京"] {
            let words = Words.indexTerms(of: text) + Words.queryTerms(of: text)
            #expect(!words.isEmpty)
            #expect(
                !words.joined().unicodeScalars.contains {
                    $0.isASCII && !$0.properties.isAlphabetic
                }
            )
        }
    }
}
