/// A stretch of time that words count in.
enum Unit: String {
    case day, week, weekend, month, year

    /// The unit that a word names, in the singular or plural.
    init?(_ word: String) {
        self.init(rawValue: word.hasSuffix("s") ? String(word.dropLast()) : word)
    }
}

/// How words place a time to the day on which they are said.
enum Relation {
    /// "Last", "past", "this past".
    case last
    /// "Next", "this coming".
    case next
    /// "This".
    case this
    /// "On" and "in": the words around decide.
    case plain

    /// Reads the words that a relation begins with, and counts them.
    ///
    /// - Parameters:
    ///   - words: What is said from here on.
    ///   - isPast: Whether the sentence tells of the past.
    /// - Returns: The relation and how many words it has; nil where there is none.
    static func read(
        _ words: ArraySlice<Token>,
        isPast: Bool
    ) -> (relation: Relation, length: Int)? {
        guard let first = words.first, !first.endsPart else { return nil }
        let second = words.dropFirst().first?.core
        switch first.core {
        case "this" where second == "past" || second == "last": return (.last, 2)
        case "this" where second == "coming" || second == "next": return (.next, 2)
        case "last", "past": return (.last, 1)
        case "next": return (.next, 1)
        case "this": return (.this, 1)
        case "on", "in": return (.plain, 1)
        default: return nil
        }
    }
}

/// How many of something, as "three", "a", "a couple of", "12".
enum Quantity {
    /// Reads the words that a number begins with, and counts them.
    ///
    /// "A few" is taken as three, and is rough.
    ///
    /// - Parameter words: What is said from here on.
    /// - Returns: The number, how many words it has, and whether it is only about right; nil where
    ///   there is none.
    static func read(_ words: ArraySlice<Token>) -> (number: Int, length: Int, isRough: Bool)? {
        let cores = words.prefix(3).map(\.core)
        if cores == ["a", "couple", "of"] { return (2, 3, false) }
        if cores.starts(with: ["couple", "of"]) || cores.starts(with: ["a", "couple"]) {
            return (2, 2, false)
        }
        if cores.starts(with: ["a", "few"]) { return (3, 2, true) }
        guard let first = cores.first else { return nil }
        if let number = numbers[first] { return (number, 1, first == "few") }
        guard first.utf8.count <= 3, let number = Int(first), number > 0 else { return nil }
        return (number, 1, false)
    }

    private static let numbers = [
        "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "few": 3, "four": 4, "five": 5, "six": 6,
        "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    ]
}
