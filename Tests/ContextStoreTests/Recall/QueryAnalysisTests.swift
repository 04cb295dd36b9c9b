import TextAnalysis
import Testing

@testable import ContextStore

@Suite struct QueryAnalysisTests {
    private let today = CalendarDay(year: 2026, month: 3, day: 18)

    private func analyse(_ text: String, names: Set<String> = []) throws -> QueryAnalysis {
        try QueryAnalysis(text, names: names, today: #require(today), stemmer: Stemmer())
    }

    private func day(_ year: Int, _ month: Int, _ day: Int) throws -> CalendarDay {
        try #require(CalendarDay(year: year, month: month, day: day))
    }

    @Test func `stop words, names and dates are not looked for`() throws {
        let query = try analyse("When did Nora visit the museum in May 2023?", names: ["nora"])
        #expect(query.terms.map(\.word) == ["visit", "museum"])
        #expect(query.dates == [.month(5, year: 2023)])
        #expect(query.source == .named("nora"))
        #expect(query.asksWhen)
        #expect(!query.asksHowMany)
    }

    @Test(arguments: [
        "", " ", "\"", "a", "?", "*", "NEAR(", "the and of", "\u{0301}", "{}:^", ")(",
    ])
    func `a text without words asks for nothing`(_ text: String) throws {
        #expect(try analyse(text).terms.filter { $0.word != "near" }.isEmpty)
    }

    @Test func `each form of a word is looked for once, and only so many words are`() throws {
        #expect(try analyse("walks walking walked").terms.map(\.stem) == ["walk"])
        let many = (0..<100).map { "word\($0)x" }.joined(separator: " ")
        #expect(try analyse(many).terms.count == QueryAnalysis.maximumTerms)
    }

    @Test func `scripts without spaces are looked for by pairs of characters`() throws {
        #expect(try analyse("東京都").terms.map(\.word) == ["東京", "京都"])
        #expect(try analyse("猫").terms.first?.prefix == "猫")
    }

    @Test func `whose words are asked for follows from names, else from pronouns`() throws {
        let names: Set<String> = ["nora", "emil"]
        #expect(try analyse("What is my plan?", names: names).source == .role(.user))
        #expect(try analyse("What did you cook?", names: names).source == .role(.assistant))
        #expect(try analyse("What did you tell me?", names: names).source == .anyone)
        #expect(try analyse("Did Nora meet Emil?", names: names).source == .anyone)
        #expect(try analyse("What is my plan, Nora?", names: names).source == .named("nora"))
    }

    @Test(arguments: [
        ("on 7 May 2023", DateMention.day(7, month: 5, year: 2023)),
        ("on May 7th, 2023", .day(7, month: 5, year: 2023)),
        ("the 7th of May", .day(7, month: 5, year: nil)),
        ("in June", .month(6, year: nil)),
        ("by Dec 2022", .month(12, year: 2022)),
        ("during 2022", .year(2022)),
    ])
    func `dates are read in the forms that people write`(_ text: String, _ date: DateMention) throws
    {
        #expect(try analyse("What happened \(text)?").dates == [date])
    }

    @Test func `small words that look like months are none`() throws {
        #expect(try analyse("what may I do when we march").dates == [.month(3, year: nil)])
        #expect(try analyse("May I come?").dates.isEmpty)
    }

    @Test func `relative dates are seen from today`() throws {
        // 18 March 2026 is a Wednesday.
        let expected: [(String, CalendarDay, CalendarDay)] = [
            ("yesterday", try day(2026, 3, 17), try day(2026, 3, 17)),
            ("last week", try day(2026, 3, 9), try day(2026, 3, 15)),
            ("last month", try day(2026, 2, 1), try day(2026, 2, 28)),
            ("last friday", try day(2026, 3, 13), try day(2026, 3, 13)),
            ("two days ago", try day(2026, 3, 16), try day(2026, 3, 16)),
            ("last year", try day(2025, 1, 1), try day(2025, 12, 31)),
        ]
        for (text, first, last) in expected {
            #expect(
                try analyse("What did we plan \(text)?").dates == [.span(first, last)],
                "\(text)"
            )
        }
    }

    @Test func `what was said days after a date fits less, and what was said before does not`()
        throws
    {
        let date = DateMention.day(7, month: 5, year: 2023)
        let fits = try [7, 8, 12, 30].map { date.fit(try day(2023, 5, $0)) }
        #expect(fits == [1, 0.7, 0.5, 0])
        #expect(date.fit(try day(2023, 5, 1)) == 0)
        let month = DateMention.month(5, year: nil)
        #expect(month.fit(try day(2024, 5, 31)) == 0.6)
        #expect(month.fit(try day(2024, 6, 5)) == 0.3)
        #expect(month.fit(try day(2024, 4, 30)) == 0)
    }

    @Test func `a range of days is covered by as few tokens as suits it`() throws {
        let days = MemoryTokens.days(from: try day(2026, 1, 30), to: try day(2026, 2, 1))
        #expect(days?.count == 3)
        let months = MemoryTokens.days(from: try day(2025, 11, 30), to: try day(2026, 2, 1))
        #expect(months == ["m2025x11", "m2025x12", "m2026x1", "m2026x2"])
        let years = MemoryTokens.days(from: try day(2020, 1, 1), to: try day(2026, 2, 1))
        #expect(years?.first == "y2020")
        #expect(years?.count == 7)
        #expect(MemoryTokens.days(from: try day(1970, 1, 1), to: try day(2026, 2, 1)) == nil)
    }

    @Test func `a name alone is looked for`() throws {
        #expect(try analyse("Nora", names: ["nora"]).terms.map(\.word) == ["nora"])
        #expect(try analyse("What did Nora say?", names: ["nora"]).terms.map(\.word) != [])
        #expect(try analyse("Nora in May 2023", names: ["nora"]).terms == [])
    }
}
