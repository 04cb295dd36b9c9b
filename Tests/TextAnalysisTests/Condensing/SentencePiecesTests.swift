import Testing

@testable import TextAnalysis

@Suite struct SentencePiecesTests {
    /// Long sentences without a full stop before the end, or any.
    private static let long = [
        // Arabic: told the doctor yesterday of pain, he ordered tests, then call the sister.
        """
        ذهبت أمس إلى الطبيب في المستشفى الكبير لأن ركبتي تؤلمني منذ أسبوعين، فقال لي إنني أحتاج إلى \
        صورة بالأشعة وإلى الراحة حتى نهاية الشهر، ثم اتصلت بأختي في القاهرة
        """,
        "कल मैं अपने भाई के साथ नए अस्पताल गया था क्योंकि मेरे घुटने में दो हफ़्ते से दर्द है और डॉक्टर ने कहा कि मुझे एक्स-रे करवाना होगा और महीने के अंत तक आराम करना होगा",
        "我昨天跟医生谈了很久，他说我的膝盖需要拍片，月底之前都要好好休息，不能去跑步，所以我给在上海的妹妹打了电话，请她下个星期过来帮忙照顾孩子，顺便把冬天的衣服也带来，因为这里突然变得很冷",
        "เมื่อวานฉันไปหาหมอที่โรงพยาบาลใหญ่ในเชียงใหม่เพราะเข่าของฉันเจ็บมาสองสัปดาห์แล้วและหมอบอกว่าฉันต้องเอกซเรย์และพักผ่อนจนถึงสิ้นเดือนแล้วฉันก็โทรหาน้องสาว",
    ]

    @Test(arguments: long)
    func `a long sentence is cut into pieces, and nothing of it is lost`(_ text: String) {
        let pieces = SentencePieces.pieces(of: text)
        #expect(pieces.count > 1)
        #expect(pieces.joined().filter { $0 != " " } == text.filter { $0 != " " })
        for piece in pieces {
            #expect(TokenEstimate.likelyTokens(in: piece) <= SentenceAnalyzer.maximumTokens)
        }
    }

    @Test(arguments: long)
    func `all of a long sentence is kept for condensing`(_ text: String) {
        let kept = SentenceAnalyzer().sentences(
            of: text,
            speaker: .user,
            saidOn: CalendarDay(number: 20_000),
            previous: nil
        )
        let words = Set(Words.queryTerms(of: kept.map(\.condensed).joined(separator: " ")))
        let lost = Set(Words.queryTerms(of: text)).subtracting(words)
        // Pairs of characters that a cut goes through.
        #expect(lost.count <= kept.count)
    }

    @Test func `pieces end with a clause where there is one`() {
        let pieces = SentencePieces.pieces(of: Self.long[2])
        #expect(pieces.dropLast().allSatisfy { $0.hasSuffix("，") })
        #expect(SentencePieces.pieces(of: Self.long[0]).first?.hasSuffix("،") == true)
    }

    @Test func `what is short, or of other scripts, stays as it is`() {
        let english = String(repeating: "a “quoted” word — and so on ", count: 50)
        for text in ["", "猫が好き、犬も好き。", english, "привет, мир"] {
            #expect(SentencePieces.pieces(of: text) == [text])
        }
    }

    @Test func `no more pieces are made than wanted`() {
        let endless = String(repeating: "猫", count: 100_000)
        #expect(SentencePieces.pieces(of: endless, limit: 3).count == 3)
        let words = String(repeating: "خبر ", count: 100_000)
        #expect(SentencePieces.pieces(of: words, limit: 3).count == 3)
    }
}
