import Testing
import TextAnalysis

@Suite struct CalendarDayTests {
    @Test(arguments: [
        ("1970-01-01", 1970, 1, 1, 0, 4), ("2000-02-29", 2000, 2, 29, 11_016, 2),
        ("2026-11-21", 2026, 11, 21, 20_778, 6), ("1969-12-31", 1969, 12, 31, -1, 3),
    ])
    func `a date has a number and a day of the week`(
        text: String,
        year: Int,
        month: Int,
        day: Int,
        number: Int,
        weekday: Int
    ) throws {
        let date = try #require(CalendarDay(year: year, month: month, day: day))
        #expect(date.number == number)
        #expect(date.date == (year, month, day))
        #expect(date.weekday == weekday)
        #expect(date.description == text)
    }

    @Test func `what is no date is none`() {
        #expect(CalendarDay(year: 2023, month: 2, day: 29) == nil)
        #expect(CalendarDay(year: 2023, month: 13, day: 1) == nil)
        #expect(CalendarDay(year: 2023, month: 4, day: 0) == nil)
    }

    @Test func `months are added in whole, also backwards over a year`() throws {
        let day = try #require(CalendarDay(year: 2024, month: 1, day: 31))
        #expect(day.adding(months: 1).description == "2024-02-29")
        #expect(day.adding(months: -2).description == "2023-11-30")
        #expect(day.adding(months: 25).description == "2026-02-28")
        #expect(day.adding(days: 30).description == "2024-03-01")
    }

    @Test func `a moment falls in its day, also before 1970`() {
        #expect(CalendarDay(millisecondsSince1970: 86_399_999).number == 0)
        #expect(CalendarDay(millisecondsSince1970: -1).number == -1)
        #expect(CalendarDay(millisecondsSince1970: -86_400_001).number == -2)
    }
}
