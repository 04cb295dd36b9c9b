/// Dates as people write them in English.
public enum DateText {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    static let weekdays = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]

    /// A day, as `7 May 2023`; without its year where that goes without saying.
    public static func day(_ day: CalendarDay, knownYear: Int? = nil) -> String {
        let (year, month, number) = day.date
        let text = "\(number) \(months[month - 1])"
        return year == knownYear ? text : "\(text) \(year)"
    }

    /// A month, as `May 2023`; without its year where that goes without saying.
    static func month(_ day: CalendarDay, knownYear: Int? = nil) -> String {
        let (year, month, _) = day.date
        return year == knownYear ? months[month - 1] : "\(months[month - 1]) \(year)"
    }

    /// The number (1…12) of a month's name in lower case.
    static func month(named name: String) -> Int? {
        months.firstIndex { $0.lowercased() == name }.map { $0 + 1 }
    }
}
