/// The calendar date of a time, in UTC (proleptic Gregorian calendar, ISO 8601).
public struct CalendarText: Sendable, Equatable {
    /// For example `2026-11-21`.
    public let day: String
    /// For example `14:05`.
    public let minute: String
    /// For example `2026-11-21T14:05:09Z`.
    public let second: String

    /// Formats milliseconds since 1970.
    init(milliseconds: Int64) {
        let seconds = milliseconds / 1_000 - (milliseconds % 1_000 < 0 ? 1 : 0)
        let days = seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0)
        let rest = seconds - days * 86_400
        let (year, month, dayOfMonth) = Self.civil(days: days)
        day = "\(Self.padded(year, 4))-\(Self.padded(month))-\(Self.padded(dayOfMonth))"
        minute = "\(Self.padded(rest / 3_600)):\(Self.padded(rest / 60 % 60))"
        second = "\(day)T\(minute):\(Self.padded(rest % 60))Z"
    }

    /// The date of a day number since 1970, counted in eras of 400 years that start in March, so that
    /// the leap day is the last of its year.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ number: Int64, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Timestamp {
    /// This time as calendar text.
    public var formatted: CalendarText {
        CalendarText(milliseconds: milliseconds)
    }
}
