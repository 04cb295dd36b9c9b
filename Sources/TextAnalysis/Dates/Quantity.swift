/// How many of something, as "three", "a", "a couple of", "12".
enum Quantity {
    /// Reads the words that a number begins with, and counts them.
    ///
    /// "A few" is taken as three: near enough for a month or a year.
    ///
    /// - Parameter words: What is said from here on.
    /// - Returns: The number and how many words it has; nil where there is none.
    static func read(_ words: ArraySlice<Token>) -> (number: Int, length: Int)? {
        let cores = words.prefix(3).map(\.core)
        if cores == ["a", "couple", "of"] { return (2, 3) }
        if cores.starts(with: ["couple", "of"]) || cores.starts(with: ["a", "couple"]) {
            return (2, 2)
        }
        if cores.starts(with: ["a", "few"]) { return (3, 2) }
        guard let first = cores.first else { return nil }
        if let number = numbers[first] { return (number, 1) }
        guard first.utf8.count <= 3, let number = Int(first), number > 0 else { return nil }
        return (number, 1)
    }

    private static let numbers = [
        "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "few": 3, "four": 4, "five": 5, "six": 6,
        "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    ]
}
