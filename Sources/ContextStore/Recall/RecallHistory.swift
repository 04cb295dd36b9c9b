internal import GRDB
internal import TextAnalysis

/// When a user said anything: no other days need be looked at.
struct RecallHistory {
    let first: Timestamp
    let last: Timestamp

    /// A date without a year may be of so many of the last ones.
    private static let maximumYears = 10

    /// Nil when the user said nothing.
    init?(of user: Int64, _ db: Database) throws {
        func end(_ order: String) throws -> Timestamp? {
            try db.first(
                """
                SELECT said_at FROM memory_messages WHERE user_pk = ?
                ORDER BY said_at \(order) LIMIT 1
                """,
                [user]
            ) { $0.timestamp() }
        }
        guard let first = try end("ASC"), let last = try end("DESC") else { return nil }
        (self.first, self.last) = (first, last)
    }

    /// The years that a date without one may be of: what was said in January may be of December.
    var lastYears: ClosedRange<Int> {
        let year = Self.day(last).date.year
        return max(Self.day(first).date.year - 1, year - Self.maximumYears + 1)...year
    }

    /// Tokens of the days from one time to another on which anything was said (``MemoryTokens``);
    /// nil for all days, also where they are too many to be named.
    func days(from: Timestamp?, to: Timestamp?) -> [String]? {
        guard from != nil || to != nil else { return nil }
        let start = max(from ?? first, first)
        let end = min(to ?? last, last)
        guard start <= end else { return [] }
        return MemoryTokens.days(from: Self.day(start), to: Self.day(end))
    }

    private static func day(_ time: Timestamp) -> CalendarDay {
        CalendarDay(millisecondsSince1970: time.milliseconds)
    }
}
