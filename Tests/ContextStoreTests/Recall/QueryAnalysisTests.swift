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
        ("on 2023-05-07", .day(7, month: 5, year: 2023)),
        ("since 2023/5/7", .day(7, month: 5, year: 2023)),
        ("on 2023-13-45", .year(2023)),
        ("in 2023: 5-7", .year(2023)),
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
        #expect(try analyse("may 300 people come").dates.isEmpty)
        #expect(try analyse("may 7").dates == [.day(7, month: 5, year: nil)])
        #expect(try analyse("May 2023").dates == [.month(5, year: 2023)])
        #expect(try analyse("May").dates == [.month(5, year: nil)])
    }

    @Test func `a month without a number is looked for as a word, too`() throws {
        #expect(try analyse("June's birthday").terms.map(\.word) == ["june", "birthday"])
        #expect(try analyse("my boss Jan").terms.map(\.word) == ["boss", "jan"])
        #expect(try analyse("the party of 7 June").terms.map(\.word) == ["party"])
        #expect(try analyse("2026-05-07 dentist").terms.map(\.word) == ["dentist"])
    }

    @Test func `the words of a date are kept for where nothing was said then`() throws {
        #expect(try analyse("in April 2024").dateTerms.map(\.word) == ["april", "2024"])
        #expect(try analyse("in May").dateTerms.map(\.word) == ["may"])
        #expect(try analyse("a week ago").dateTerms == [])
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

    @Test func `a range of days is covered by few tokens, and by no other days`() throws {
        func days(_ first: CalendarDay, _ last: CalendarDay) -> [String]? {
            MemoryTokens.days(from: first, to: last)
        }
        let (start, end) = (try day(2025, 11, 30), try day(2026, 2, 1))
        let exact = [start, end].map(MemoryTokens.exact)
        #expect(days(start, end) == [exact[0], "m2025x12", "m2026x1", exact[1]])
        #expect(
            days(try day(2019, 12, 1), try day(2022, 1, 31))
                == ["m2019x12", "y2020", "y2021", "m2022x1"]
        )
        #expect(days(start, start) == [exact[0]])
        #expect(days(end, start) == [])
        #expect(days(try day(2024, 2, 1), try day(2024, 2, 29)) == ["m2024x2"])
        #expect(days(try day(1970, 1, 1), end) == nil)
    }

    @Test func `a date is looked for on the day itself before those around it`() throws {
        let places = DateMention.day(7, month: 5, year: 2023).places(in: 2020...2026)
        #expect(places.map(\.count) == [1, 3, 8])
        #expect(places.first == [MemoryTokens.exact(try day(2023, 5, 7))])
        let anyYear = DateMention.day(7, month: 5, year: nil).places(in: 2025...2026)
        #expect(
            anyYear.first == [try day(2026, 5, 7), try day(2025, 5, 7)].map(MemoryTokens.exact)
        )
    }

    @Test func `a name alone is looked for`() throws {
        #expect(try analyse("Nora", names: ["nora"]).terms.map(\.word) == ["nora"])
        #expect(try analyse("What did Nora say?", names: ["nora"]).terms.map(\.word) != [])
        #expect(try analyse("Nora in May 2023", names: ["nora"]).terms == [])
    }
}
