import Testing

@testable import TextAnalysis

@Suite struct RelativeDatesTests {
    /// A Wednesday.
    private let today = CalendarDay(number: 20_971)

    private func explained(_ text: String, isPast: Bool = false) -> String {
        RelativeDates(saidOn: today).explained(Token.tokens(of: text), isPast: isPast)
            .map(\.text).joined(separator: " ")
    }

    @Test func `the day of these tests is a Wednesday`() {
        #expect(today.description == "2027-06-02")
        #expect(today.weekday == 3)
    }

    @Test(arguments: [
        ("yesterday.", "yesterday (1 June)."),
        ("Last night, rain", "Last night (1 June), rain"),
        ("tomorrow's exam", "tomorrow's (3 June) exam"),
        ("the day before yesterday", "the day before yesterday (31 May)"),
        ("the day after tomorrow", "the day after tomorrow (4 June)"),
        ("last week", "last week (24–30 May)"),
        ("next week!", "next week (7–13 June)!"),
        ("last weekend", "last weekend (29–30 May)"),
        ("next month", "next month (July)"),
        ("last month", "last month (May)"),
        ("last year", "last year (2026)"),
        ("next year", "next year (2028)"),
        ("last Friday", "last Friday (28 May)"),
        ("next Friday", "next Friday (4 June)"),
        ("last Wednesday", "last Wednesday (26 May)"),
        ("this past Sunday", "this past Sunday (30 May)"),
        ("last summer", "last summer (summer 2026)"),
        ("next winter", "next winter (winter 2027)"),
        ("last August", "last August (August 2026)"),
        ("three days ago", "three days ago (30 May)"),
        ("two weeks ago", "two weeks ago (17–23 May)"),
        ("a couple of months ago", "a couple of months ago (April)"),
        ("six months ago", "six months ago (December 2026)"),
        ("a few years ago", "a few years ago (about 2024)"),
        ("10 years ago,", "10 years ago (2017),"),
        ("in two weeks", "in two weeks (14–20 June)"),
        ("a year from now", "a year from now (2028)"),
    ])
    func `a relative time has its date beside it`(text: String, expected: String) {
        #expect(explained(text) == expected)
    }

    @Test(arguments: [
        ("on Friday", "on Friday (28 May)", "on Friday (4 June)"),
        ("in March", "in March", "in March (March 2028)"),
        ("in August", "in August (August 2026)", "in August"),
        ("this weekend", "this weekend (29–30 May)", "this weekend (5–6 June)"),
    ])
    func `what may be past or to come goes by the sentence`(
        text: String,
        past: String,
        future: String
    ) {
        #expect(explained(text, isPast: true) == past)
        #expect(explained(text) == future)
    }

    @Test(arguments: [
        "today", "this month", "recently", "it feels like yesterday", "last but not least",
        "the last house", "two years old", "in March 2021", "next May 5", "two weeks of rain",
        "in two weeks of training", "99999 years ago", "hier soir", "last", "",
    ])
    func `what is no relative time stays as it is`(text: String) {
        #expect(explained(text) == text)
    }

    @Test func `weeks over the turn of a month or year name both`() throws {
        let day = try #require(CalendarDay(year: 2027, month: 1, day: 6))
        let words = RelativeDates(saidOn: day)
            .explained(Token.tokens(of: "last week"), isPast: true)
        #expect(words.last?.text == "(28 December 2026–3 January)")
    }
}
