internal import TextAnalysis

/// A date that a query names.
enum DateMention: Equatable {
    /// A day of a year, or of any.
    case day(Int, month: Int, year: Int?)
    /// A month of a year, or of any.
    case month(Int, year: Int?)
    case year(Int)
    /// The days from one to another, both included, as of "last week".
    case span(CalendarDay, CalendarDay)

    /// How well something said on a day fits: people tell what happened for days after it.
    func fit(_ said: CalendarDay) -> Double {
        switch self {
        case .day(let day, let month, let year):
            return years(year, said).compactMap { CalendarDay(year: $0, month: month, day: day) }
                .map { Self.fit(daysLater: said.number - $0.number) }.max() ?? 0
        case .month(let month, let year):
            return years(year, said).map { Self.fit(month, $0, said) }.max() ?? 0
        case .year(let year):
            return said.date.year == year ? 0.15 : 0
        case .span(let first, let last):
            if said >= first && said <= last { return 0.8 }
            return said > last && said.number - last.number <= 3 ? 0.4 : 0
        }
    }

    private func years(_ year: Int?, _ said: CalendarDay) -> [Int] {
        year.map { [$0] } ?? [said.date.year, said.date.year - 1]
    }

    private static func fit(daysLater days: Int) -> Double {
        switch days {
        case 0: 1
        case 1...3: 0.7
        case -1, 4...10: 0.5
        default: 0
        }
    }

    private static func fit(_ month: Int, _ year: Int, _ said: CalendarDay) -> Double {
        let date = said.date
        if date.year == year && date.month == month { return 0.6 }
        guard let first = CalendarDay(year: year, month: month, day: 1) else { return 0 }
        let later = said.number - first.adding(months: 1).number
        return (0..<10).contains(later) ? 0.3 : 0
    }

    /// Where what fits may have been said, as tokens of days (``MemoryTokens``): the places that fit
    /// best come first, so that of somebody who talks much they are not lost among the others.
    ///
    /// - Parameter years: Those that a date without a year may mean.
    /// - Returns: The tokens of each place; there may be none.
    func places(in years: ClosedRange<Int>) -> [[String]] {
        switch self {
        case .day(let day, let month, let year):
            let dates = (year.map { $0...$0 } ?? years).reversed().compactMap {
                CalendarDay(year: $0, month: month, day: day)
            }
            return [[0], [1, 2, 3], [-1] + Array(4...10)].map { distances in
                dates.flatMap { date in
                    distances.map { MemoryTokens.exact(date.adding(days: $0)) }
                }
            }
        case .month(let month, nil):
            return [[MemoryTokens.month(month)]]
        case .month(let month, let year?):
            guard let first = CalendarDay(year: year, month: month, day: 1) else { return [] }
            let next = first.adding(months: 1)
            return [
                [MemoryTokens.month(month, of: year)],
                (0..<10).map { MemoryTokens.exact(next.adding(days: $0)) },
            ]
        case .year:
            // A whole year is no place to look at; it only counts for what else is found.
            return []
        case .span(let first, let last):
            guard let days = MemoryTokens.days(from: first, to: last) else { return [] }
            return [days, (1...3).map { MemoryTokens.exact(last.adding(days: $0)) }]
        }
    }
}
