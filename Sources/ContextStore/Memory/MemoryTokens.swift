internal import TextAnalysis

/// The tokens by which the index tells owners and dates apart.
///
/// They are made of a letter and digits, which no stemmer changes.
enum MemoryTokens {
    /// The token of a user, which every query has.
    static func user(_ pk: Int64) -> String {
        "u\(pk)"
    }

    /// The token of a conversation, for queries within it.
    static func conversation(_ pk: Int64) -> String {
        "c\(pk)"
    }

    /// What a date is found by: its year, its month in any year, its month, and the day itself.
    static func day(_ day: CalendarDay) -> String {
        let (year, month, _) = day.date
        return
            "\(self.year(year)) \(self.month(month)) \(self.month(month, of: year)) \(exact(day))"
    }

    static func year(_ year: Int) -> String { "y\(year)" }
    static func month(_ month: Int) -> String { "mo\(month)" }
    static func month(_ month: Int, of year: Int) -> String { "m\(year)x\(month)" }
    static func exact(_ day: CalendarDay) -> String { "d\(day.number)" }
}
