internal import TextAnalysis

/// The calendar date of a time, in UTC (ISO 8601).
public struct CalendarText: Sendable, Equatable {
    /// For example `2026-11-21`.
    public let day: String
    /// For example `14:05`.
    public let minute: String
    /// For example `2026-11-21T14:05:09Z`.
    public let second: String

    /// Formats milliseconds since 1970.
    init(milliseconds: Int64) {
        let calendarDay = CalendarDay(millisecondsSince1970: milliseconds)
        let rest = Int((milliseconds - Int64(calendarDay.number) * 86_400_000) / 1_000)
        day = calendarDay.description
        minute = "\(Self.padded(rest / 3_600)):\(Self.padded(rest / 60 % 60))"
        second = "\(day)T\(minute):\(Self.padded(rest % 60))Z"
    }

    private static func padded(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

extension Timestamp {
    /// This time as calendar text.
    public var formatted: CalendarText {
        CalendarText(milliseconds: milliseconds)
    }
}
