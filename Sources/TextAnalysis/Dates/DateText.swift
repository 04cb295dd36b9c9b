/// Writes dates as people say them, shortened by what the day of writing tells.
public struct DateText {
    /// The day on which it is said: its year goes without saying.
    let today: CalendarDay

    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]

    /// A whole date, as "7 May 2023".
    public static func full(_ day: CalendarDay) -> String {
        let (year, month, number) = day.date
        return "\(number) \(months[month - 1]) \(year)"
    }

    /// A date, as "7 May"; with its year where that is another.
    func day(_ day: CalendarDay) -> String {
        let (year, month, number) = day.date
        return "\(number) \(Self.months[month - 1])\(suffix(year))"
    }

    /// Some days, as "1–7 May" or "29 May–4 June".
    func days(_ first: CalendarDay, _ last: CalendarDay) -> String {
        let (start, end) = (first.date, last.date)
        if start.month == end.month && start.year == end.year {
            return "\(start.day)–\(day(last))"
        }
        let year = start.year == end.year ? "" : suffix(start.year)
        return "\(start.day) \(Self.months[start.month - 1])\(year)–\(day(last))"
    }

    /// A month, as "May"; with its year where that is another.
    func month(_ day: CalendarDay) -> String {
        Self.months[day.date.month - 1] + suffix(day.date.year)
    }

    private func suffix(_ year: Int) -> String {
        year == today.date.year ? "" : " \(year)"
    }
}
