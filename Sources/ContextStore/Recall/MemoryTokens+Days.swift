internal import TextAnalysis

extension MemoryTokens {
    /// More whole years than this are not looked up one by one.
    private static let maximumYears = 36

    /// Tokens that cover the days from one to another, and no others: of whole years, of whole
    /// months before and behind them, and of the days that are left; nil when these are too many.
    static func days(from first: CalendarDay, to last: CalendarDay) -> [String]? {
        guard last.date.year - first.date.year < maximumYears else { return nil }
        var tokens: [String] = []
        var day = first
        while day <= last {
            let (year, month, number) = day.date
            let nextMonth = day.adding(days: 1 - number).adding(months: 1)
            let nextYear = nextMonth.adding(months: 12 - month)
            if number == 1, month == 1, nextYear.number <= last.number + 1 {
                tokens.append(self.year(year))
                day = nextYear
            } else if number == 1, nextMonth.number <= last.number + 1 {
                tokens.append(self.month(month, of: year))
                day = nextMonth
            } else {
                tokens.append(exact(day))
                day = day.adding(days: 1)
            }
        }
        return tokens
    }
}
