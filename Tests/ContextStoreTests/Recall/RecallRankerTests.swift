import TextAnalysis
import Testing

@testable import ContextStore

@Suite struct RecallRankerTests {
    /// A message of a made-up session; they come in the order of their numbers.
    private struct Line {
        var text: String
        var role = Item.Role.user
        var speaker: String?
        var session: Int64 = 1
        var day = 0
    }

    private func rank(_ question: String, _ lines: [Line], names: Set<String> = []) throws -> [Int]
    {
        try rank([question], lines, names: names)
    }

    /// The places of the lines, best first.
    private func rank(
        _ questions: [String],
        _ lines: [Line],
        names: Set<String> = []
    ) throws -> [Int] {
        let stemmer = Stemmer()
        let today = try #require(CalendarDay(year: 2026, month: 3, day: 18))
        let queries = questions.map {
            QueryAnalysis($0, names: names, today: today, stemmer: stemmer)
        }
        var terms: [QueryTerm] = []
        for term in queries.flatMap(\.terms) where !terms.contains(term) { terms.append(term) }
        let weighted = terms.map {
            WeightedTerm($0, frequency: 2, isFound: true, messages: 100, stemmer: stemmer)
        }
        let phrasings = queries.map { query in
            RecallRanker.Phrasing(
                analysis: query,
                terms: terms.indices.filter { query.terms.contains(terms[$0]) }
            )
        }
        let ranker = RecallRanker(
            terms: weighted,
            phrasings: phrasings,
            messages: messages(lines),
            sessions: [:],
            averageWords: 6,
            matcher: TermMatcher(weighted, stemmer: stemmer)
        )
        let ranking = ranker.ranking()
        #expect(ranking.allSatisfy { (0...1).contains($0.score) })
        #expect(ranking.map(\.score) == ranking.map(\.score).sorted(by: >))
        return ranking.map { Int($0.pk) }
    }

    private func messages(_ lines: [Line]) -> [Int64: RecallMessage] {
        var messages: [Int64: RecallMessage] = [:]
        for (index, line) in lines.enumerated() {
            let words = Words.indexTerms(of: line.text)
            let pk = Int64(index)
            var message = RecallMessage(
                pk: pk,
                segment: RecallSegment(conversation: 1, session: line.session),
                saidAt: Timestamp(milliseconds: Int64(line.day) * 86_400_000),
                role: line.role,
                speaker: line.speaker,
                wordCount: words.count,
                traits: MessageTraits(terms: words, content: line.text),
                terms: words.joined(separator: " ")
            )
            if index > 0, lines[index - 1].session == line.session { message.previous = pk - 1 }
            if index + 1 < lines.count, lines[index + 1].session == line.session {
                message.next = pk + 1
            }
            messages[pk] = message
        }
        return messages
    }

    /// Lines in sessions of their own, so that none is near another.
    private func apart(_ texts: [String]) -> [Line] {
        texts.enumerated().map { Line(text: $1, session: Int64($0)) }
    }

    @Test func `what says more of the question comes first`() throws {
        let lines = apart([
            "green tea", "a green kettle with tea", "nothing of it", "green kettles",
        ])
        #expect(try rank("kettle of green tea", lines).first == 1)
    }

    @Test func `the answer to a question that matches comes before other neighbours`() throws {
        let lines = [
            Line(text: "Hello there"), Line(text: "Which kettle is that?"),
            Line(text: "The red one"),
            Line(text: "Fine"), Line(text: "Good"),
        ]
        let order = try rank("kettle", lines)
        #expect(Set(order.prefix(2)) == [1, 2])
        let answer = try #require(order.firstIndex(of: 2))
        let before = try #require(order.firstIndex(of: 0))
        #expect(answer < before)
    }

    @Test func `messages of another session are no neighbours`() throws {
        let lines = [
            Line(text: "the kettle", session: 1), Line(text: "plain", session: 2),
            Line(text: "other", session: 1, day: 0),
        ]
        #expect(try rank("kettle", lines) == [0, 2, 1])
    }

    @Test func `words of like meaning count, but less than the word itself`() throws {
        let lines = apart(["an automobile here", "a bicycle here", "a car here"])
        #expect(try rank("car", lines) == [2, 0, 1])
    }

    @Test func `the speaker who is named comes first`() throws {
        let lines = [
            Line(text: "the kettle", speaker: "Emil", session: 1),
            Line(text: "the kettle", speaker: "Nora", session: 2),
        ]
        #expect(try rank("Emil kettle", lines, names: ["emil", "nora"]).first == 0)
        #expect(try rank("Nora kettle", lines, names: ["emil", "nora"]).first == 1)
    }

    @Test func `my words are the user's and your words the assistant's`() throws {
        let lines = [
            Line(text: "the kettle", role: .user, session: 1),
            Line(text: "the kettle", role: .assistant, session: 2),
        ]
        #expect(try rank("my kettle", lines).first == 0)
        #expect(try rank("your kettle", lines).first == 1)
    }

    @Test(arguments: [
        ("kettle", "the kettle", "the kettle?"),
        ("kettle", "i kettle", "a kettle"),
        ("kettle", "a kettle", "your kettle"),
        ("when kettle", "yesterday kettle", "actually kettle"),
        ("how many kettles", "seven kettles", "yellow kettles"),
        ("kettle", "a kettle from Oslo", "a kettle from oslo"),
    ])
    func `the shape of a message counts`(_ question: String, _ better: String, _ worse: String)
        throws
    {
        #expect(try rank(question, apart([better, worse])).first == 0)
        #expect(try rank(question, apart([worse, better])).first == 1)
    }

    @Test func `a date that is named outweighs words`() throws {
        // Day 20 is 21 January 1970.
        var lines = apart(["the kettle", "the kettle", "something else"])
        lines[1].day = 20
        lines[2].day = 20
        #expect(try rank("kettle on 21 January 1970", lines) == [1, 2, 0])
    }

    @Test func `a note in brackets at the end hides no question`() throws {
        let lines = apart(["a kettle? [laughs]", "a kettle! [laughs]"])
        #expect(try rank("kettle", lines) == [1, 0])
    }

    @Test func `equal messages come newest first, then by their number`() throws {
        var lines = apart(["the kettle", "the kettle", "the kettle"])
        lines[0].day = 3
        #expect(try rank("kettle", lines) == [0, 2, 1])
    }

    @Test func `the best phrasing counts, and agreement decides between equals`() throws {
        let lines = apart(["a kettle", "a teapot", "a spoon"])
        #expect(try rank(["kettle", "teapot"], lines).last == 2)
        let both = apart(["kettle one", "kettle teapot", "teapot two"])
        #expect(try rank(["kettle", "teapot"], both).first == 1)
    }

    @Test func `rare words weigh more than common and than general ones`() throws {
        let stemmer = Stemmer()
        func weight(_ word: String, _ frequency: Int) -> Double {
            let term = QueryTerm(word: word, stemmer: stemmer)
            return WeightedTerm(
                term,
                frequency: frequency,
                isFound: true,
                messages: 1_000,
                stemmer: stemmer
            ).weight
        }
        #expect(weight("kettle", 3) > weight("kettle", 30))
        #expect(weight("kettle", 3) > weight("kind", 3))
        #expect(weight("kettle", 5_000) > 0)
    }

    @Test func `a misspelt word is found by how it begins where it was never said`() {
        let stemmer = Stemmer()
        let term = QueryTerm(word: "ketlles", stemmer: stemmer)
        let found = WeightedTerm(term, frequency: 1, isFound: true, messages: 9, stemmer: stemmer)
        let missing = WeightedTerm(
            term,
            frequency: 0,
            isFound: false,
            messages: 9,
            stemmer: stemmer
        )
        #expect(!TermMatcher([found], stemmer: stemmer).matches("ketl"))
        #expect(TermMatcher([missing], stemmer: stemmer).matches("ketll"))
        #expect(!TermMatcher([missing], stemmer: stemmer).matches("kettle"))
    }
}
