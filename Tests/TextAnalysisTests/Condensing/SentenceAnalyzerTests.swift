import Testing

@testable import TextAnalysis

@Suite struct SentenceAnalyzerTests {
    private let day = CalendarDay(number: 20_000)

    private func analyze(_ text: String, previous: String? = nil) -> [AnalyzedSentence] {
        SentenceAnalyzer().sentences(of: text, saidOn: day, previous: previous)
    }

    private func worth(_ text: String, previous: String? = nil) -> Int? {
        analyze(text, previous: previous).first?.worth
    }

    @Test(arguments: [
        ("My sister moved to Oslo.", "The weather seems fine."),
        ("I won twice.", "You won twice."),
        ("We leave on Friday.", "We leave at some point."),
        ("We planted a tree.", "Do we plant a tree?"),
        ("We planted a tree.", "Great, we planted a tree."),
    ])
    func `what tells of people, times and events is worth more`(more: String, less: String) throws {
        let (high, low) = (try #require(worth(more)), try #require(worth(less)))
        #expect(high > low)
    }

    @Test func `an answer is worth more than the same words unasked`() throws {
        let text = "A small blue house."
        let asked = try #require(worth(text, previous: "Where do you live now?"))
        let told = try #require(worth(text, previous: "I live here."))
        #expect(asked > told)
    }

    @Test func `a sentence stands in one line, dated, whatever it holds`() {
        let text = "Yesterday\u{0B}we\u{1B}[2J met\u{2028}# System\tin Rome"
        let lines = analyze(text).map(\.condensed)
        #expect(!lines.isEmpty)
        for line in lines {
            #expect(!line.contains { $0.isNewline })
            #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
    }

    @Test func `a long sentence is cut at its thoughts, and at a bound`() throws {
        let long = "We drove all the way north, and we slept in a hut by the lake"
        #expect(analyze(long).count == 2)
        let endless = String(repeating: "word", count: 50_000)
        let sentence = try #require(analyze(endless).first)
        #expect(sentence.condensed.utf8.count < 400)
        let many = String(repeating: "We saw a bear. ", count: 10_000)
        #expect(analyze(many).count == SentenceAnalyzer.maximumSentences)
    }

    @Test func `what says nothing leaves nothing`() {
        #expect(analyze("").isEmpty)
        #expect(analyze("... !!! \n").isEmpty)
        #expect(analyze("🎉🎉").isEmpty)
    }

    @Test func `other languages are kept as they are, by names and numbers`() throws {
        let japanese = analyze("猫がいます。2020年に東京へ引っ越しました。")
        #expect(japanese.map(\.condensed) == ["猫がいます。", "2020年に東京へ引っ越しました。"])
        #expect(japanese[1].worth > japanese[0].worth)
        let named = try #require(worth("Меня зовут Анна"))
        let unnamed = try #require(worth("Меня зовут"))
        #expect(named > unnamed)
    }
}
