import ContextStore
import JSON
import Testing
import TextAnalysis

@testable import SessionBroker

@Suite struct SummaryReaderTests {
    private let segment: SegmentTranscript
    private let reader: SummaryReader

    init() throws {
        segment = try .make(["I live in Graz.", "Nice.", "Yes.", "So you sing.", "My son is Jo."])
        reader = SummaryReader(transcript: QuotedTranscript(segment))
    }

    @Test func `a fact has its sources' ids, and the date of the last`() throws {
        let answer = modelNotes(" They\ntalked. ", [modelFact(messages: [3, 1, 1])])
        let summary = try #require(reader.summary(in: answer))
        #expect(summary.text == "They talked.")
        #expect(
            summary.facts == [
                ModelFact(
                    text: "lives in Graz",
                    slot: .place,
                    key: "",
                    value: "Graz",
                    hasEnded: false,
                    sources: [segment.messages[0].id, segment.messages[2].id],
                    saidAt: segment.messages[2].saidAt
                )
            ]
        )
    }

    @Test(arguments: [
        modelFact(messages: []), modelFact(messages: [0, 6, -1, 9_999_999_999]),
        modelFact(messages: ["1"]), modelFact(messages: "1"), modelFact(messages: [2, 4]),
        modelFact(""), modelFact(" \n "), modelFact(.null), modelFact(7),
        modelFact(.string(String(repeating: "long ", count: 50))), modelFact(value: ""),
        modelFact(value: .string(String(repeating: "long ", count: 50))),
        modelFact(key: "a key of many more words than a key has"), modelFact(key: .null),
        modelFact(slot: "password"), modelFact(slot: .null), modelFact(hasEnded: "no"), "text", [],
    ])
    func `a fact that breaks a rule is dropped, the others stay`(_ bad: JSONValue) throws {
        let summary = try #require(reader.summary(in: modelNotes("Talked.", [bad, modelFact()])))
        #expect(summary.facts.count == 1)
        #expect(summary.facts.first?.sources == [segment.messages[0].id])
    }

    @Test func `unknown messages are dropped from the sources`() throws {
        let answer = modelNotes("Talked.", [modelFact(messages: [77, 1, 0])])
        #expect(reader.summary(in: answer)?.facts.first?.sources == [segment.messages[0].id])
    }

    @Test func `the same fact is taken once, and no more than the bound`() throws {
        let same = [modelFact(), modelFact("lives at Graz", value: "GRAZ")]
        #expect(reader.summary(in: modelNotes("Talked.", same))?.facts.count == 1)
        let many = (0..<50).map { modelFact(value: .string("v\($0)")) }
        let facts = try #require(reader.summary(in: modelNotes("Talked.", many))?.facts)
        #expect(facts.map(\.value) == (0..<SummaryReader.maximumFacts).map { "v\($0)" })
    }

    @Test func `of many sources the last are kept, and one of the user's own`() throws {
        let long = try SegmentTranscript.make(Array(repeating: "Hm.", count: 40))
        let reader = SummaryReader(transcript: QuotedTranscript(long))
        func sources(_ numbers: [Int64]) -> [ItemID]? {
            let fact = modelFact(messages: .array(numbers.map(JSONValue.integer)))
            return reader.summary(in: modelNotes("Talked.", [fact]))?.facts.first?.sources
        }
        func ids(_ numbers: [Int]) -> [ItemID] { numbers.map { long.messages[$0 - 1].id } }
        #expect(sources(Array(1...40)) == ids([36, 37, 38, 39, 40]))
        #expect(sources([1, 2, 4, 6, 8, 10, 12]) == ids([1, 2, 4, 6, 8]))
    }

    @Test(arguments: [
        "", "Sure! Here is the summary.", "[]", #"{"summary":"x"}"#, #"{"facts":[]}"#,
        #"{"summary":7,"facts":[]}"#, #"{"summary":" ","facts":[]}"#,
        #"{"summary":"x","facts":{}}"#, #"{"summary":"x","facts":[]"#,
    ])
    func `an answer of another form is none`(_ answer: String) {
        #expect(reader.summary(in: answer) == nil)
    }

    @Test func `a summary that is too long ends at a sentence that fits`() throws {
        let sentence = "They talked about the weather for a while."
        let long = Array(repeating: sentence, count: 100).joined(separator: " ")
        let text = try #require(reader.summary(in: modelNotes(.string(long)))?.text)
        #expect(text.hasSuffix("a while."))
        let tokens = TokenEstimate.tokens(in: text)
        let limit = SummaryReader.maximumSummaryTokens
        #expect((limit - 50...limit) ~= tokens)
    }

    @Test(arguments: ["word ", "โรงพยาบาลใหญ่", "ذهبت أمس إلى الطبيب "])
    func `a summary without the end of a sentence is cut`(_ text: String) throws {
        let endless = String(repeating: text, count: 2_000)
        let summary = try #require(reader.summary(in: modelNotes(.string(endless)))?.text)
        #expect(summary.hasPrefix(text) && summary.hasSuffix("…"))
        let limit = SummaryReader.maximumSummaryTokens
        #expect((limit - 20...limit + 2) ~= TokenEstimate.likelyTokens(in: summary))
    }

    @Test(arguments: [
        ("تفضل القهوة العربية في الصباح", "القهوة العربية", "مشروب"),
        ("ऑस्ट्रेलिया में रहने वाली बहन नीता है", "नीता शर्मा", "छोटी बहन"),
        ("매일 아침 호숫가에서 달리기를 합니다", "호숫가 달리기", "아침 운동 습관"),
    ])
    func `a fact may be as long in any script`(_ text: String, _ value: String, _ key: String)
        throws
    {
        let fact = modelFact(
            .string(text),
            key: .string(key),
            value: .string(value)
        )
        #expect(reader.summary(in: modelNotes("Talked.", [fact]))?.facts.map(\.text) == [text])
    }
}
