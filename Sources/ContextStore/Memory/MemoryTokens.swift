internal import TextAnalysis

/// The tokens by which the index tells owners and dates apart.
///
/// They are made of a letter and digits, which no stemmer changes. Where they or words are looked
/// up, their user stands in front: the words of different users are different words.
enum MemoryTokens {
    /// The token of a user, which all messages of theirs have.
    static func user(_ pk: Int64) -> String {
        "u\(pk)"
    }

    /// A word or a token of a date as said by a user.
    ///
    /// What is between is for private use, so that no text has it within a word; to the stemmer
    /// both are consonants in front of the word, which change nothing.
    static func word(_ text: String, of user: Int64) -> String {
        "\(user)\u{E000}\(text)"
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
