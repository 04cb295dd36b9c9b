import Testing

@testable import TextAnalysis

@Suite struct RelativeDatesTests {
    /// A Wednesday.
    private func annotated(_ text: String) throws -> String {
        let day = try #require(CalendarDay(year: 2026, month: 5, day: 13))
        return RelativeDates(saidOn: day).annotated(text)
    }

    @Test(arguments: [
        ("I ran yesterday.", "I ran yesterday (12 May)."),
        ("Last night we sang", "Last night (12 May) we sang"),
        ("See you tomorrow!", "See you tomorrow (14 May)!"),
        ("We met last week, twice", "We met last week (week before 13 May), twice"),
        ("last Monday", "last Monday (11 May)"), ("last Wednesday", "last Wednesday (6 May)"),
        ("this Friday", "this Friday (15 May)"), ("next Wednesday", "next Wednesday (20 May)"),
        ("this past Sunday", "this past Sunday (10 May)"),
        ("last month", "last month (April)"), ("next month", "next month (June)"),
        ("last year", "last year (2025)"), ("next year", "next year (2027)"),
        ("last August", "last August (August 2025)"),
        ("last summer", "last summer (summer 2025)"),
        ("three days ago", "three days ago (10 May)"),
        ("2 weeks ago", "2 weeks ago (week of 29 April)"),
        ("a couple of months ago", "a couple of months ago (March)"),
        ("ten years ago", "ten years ago (2016)"), ("a year back", "a year back (2025)"),
        ("next weekend", "next weekend (weekend after 13 May)"),
    ])
    func `relative dates are resolved beside their words`(text: String, expected: String) throws {
        #expect(try annotated(text) == expected)
    }

    @Test(arguments: [
        "", "today is fine", "at last we won", "the next one", "years ago", "5000 years ago",
        "this is it", "nothing relative here",
    ])
    func `what is no date stays as it is`(text: String) throws {
        #expect(try annotated(text) == text)
    }

    @Test func `the year is written where it is another one`() throws {
        let day = try #require(CalendarDay(year: 2026, month: 1, day: 1))
        let dates = RelativeDates(saidOn: day)
        #expect(dates.annotated("yesterday") == "yesterday (31 December 2025)")
        #expect(dates.annotated("last month") == "last month (December 2025)")
    }
}
