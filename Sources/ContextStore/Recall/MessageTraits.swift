/// What is plain to see of a message, whatever is asked.
///
/// Worked out once, when the message is indexed, and stored beside it as a number.
struct MessageTraits: Sendable, Equatable {
    private(set) var isFirstPerson = false
    private(set) var isSecondPerson = false
    private(set) var hasTimeWord = false
    private(set) var hasNumber = false
    private(set) var isQuestion = false
    /// How many names are in it, up to 255: words within sentences that begin with a capital.
    private(set) var nameCount = 0

    init(terms: [String], content: String) {
        for word in terms {
            if Self.firstPerson.contains(word) { isFirstPerson = true }
            if word == "you" || word == "your" { isSecondPerson = true }
            if Self.timeWords.contains(word) { hasTimeWord = true }
            if Self.numbers.contains(word) || word.allSatisfy(\.isNumber) { hasNumber = true }
        }
        let spoken = Self.spoken(content)
        isQuestion = spoken.last.map { $0 == "?" || $0 == "？" || $0 == "؟" } ?? false
        nameCount = min(Self.names(spoken), 255)
    }

    /// Reads what ``stored`` wrote.
    init(stored: Int64) {
        nameCount = Int(stored & 0xFF)
        for (index, flag) in Self.flags.enumerated() {
            self[keyPath: flag] = stored & (0x100 << index) != 0
        }
    }

    /// The count of names in the low byte, and a bit for each of the others.
    var stored: Int64 {
        Self.flags.enumerated().reduce(Int64(nameCount)) { bits, flag in
            bits | (self[keyPath: flag.element] ? 0x100 << flag.offset : 0)
        }
    }

    /// In the order of their bits.
    private static var flags: [WritableKeyPath<Self, Bool>] {
        [\.isFirstPerson, \.isSecondPerson, \.hasTimeWord, \.hasNumber, \.isQuestion]
    }

    /// A text without a note in brackets at its end, as of something shown or of a sound.
    private static func spoken(_ text: String) -> Substring {
        var text = trimmed(text[...])
        if text.last == "]", let start = text.lastIndex(of: "[") { text = trimmed(text[..<start]) }
        return text
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    private static func names(_ text: Substring) -> Int {
        var count = 0
        // The last three characters; a name follows a space behind a small letter or a comma.
        var (third, second, first): (Unicode.Scalar, Unicode.Scalar, Unicode.Scalar) = (
            " ", " ", " "
        )
        for scalar in text.unicodeScalars {
            if second == " ", first.properties.isUppercase, scalar.properties.isLowercase,
                third == "," || third == "'" || third.properties.isLowercase
            {
                count += 1
            }
            (third, second, first) = (second, first, scalar)
        }
        return count
    }

    private static let firstPerson: Set<String> = [
        "i", "my", "me", "we", "our", "us", "mine", "m", "ve",
    ]
    private static let timeWords = words(
        """
        yesterday today tomorrow tonight week weeks weekend month months year years day days ago last
        next monday tuesday wednesday thursday friday saturday sunday january february march april
        june july august september october november december summer winter spring fall autumn morning
        evening recently soon birthday since
        """
    )
    private static let numbers = words(
        """
        one two three four five six seven eight nine ten eleven twelve dozen twice couple several once
        first second third fourth fifth
        """
    )

    private static func words(_ text: String) -> Set<String> {
        Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    }
}
