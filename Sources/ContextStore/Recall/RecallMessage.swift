internal import TextAnalysis

/// A message that the ranker looks at.
struct RecallMessage: Sendable {
    let pk: Int64
    let segment: RecallSegment
    let saidAt: Timestamp
    let role: Item.Role
    let speaker: String?
    let wordCount: Int
    /// Its normalised words, with spaces between.
    let terms: String
    let traits: MessageTraits
    /// Its neighbours in its session, if they were loaded, too.
    var previous: Int64?
    var next: Int64?

    init(
        pk: Int64,
        segment: RecallSegment,
        saidAt: Timestamp,
        role: Item.Role,
        speaker: String?,
        wordCount: Int,
        terms: String,
        content: String
    ) {
        self.pk = pk
        self.segment = segment
        self.saidAt = saidAt
        self.role = role
        self.speaker = speaker
        self.wordCount = wordCount
        self.terms = terms
        traits = MessageTraits(terms: terms, content: content)
    }
}

/// The messages of one session of a conversation, or those outside of sessions (0).
struct RecallSegment: Hashable, Sendable {
    let conversation: Int64
    let session: Int64
}

/// What is plain to see of a message, whatever is asked.
struct MessageTraits: Sendable, Equatable {
    private(set) var isFirstPerson = false
    private(set) var isSecondPerson = false
    private(set) var hasTimeWord = false
    private(set) var hasNumber = false
    let isQuestion: Bool
    /// How many names are in it: words within sentences that begin with a capital.
    let nameCount: Int

    init(terms: String, content: String) {
        for word in terms.split(separator: " ") {
            if Self.firstPerson.contains(word) { isFirstPerson = true }
            if word == "you" || word == "your" { isSecondPerson = true }
            if Self.timeWords.contains(word) { hasTimeWord = true }
            if Self.numbers.contains(word) || word.allSatisfy(\.isNumber) { hasNumber = true }
        }
        let spoken = Self.spoken(content)
        isQuestion = spoken.last.map { $0 == "?" || $0 == "？" || $0 == "؟" } ?? false
        nameCount = Self.names(spoken)
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
            let isInside = third == "," || third == "'" || third.properties.isLowercase
            if second == " ", isInside, first.properties.isUppercase, scalar.properties.isLowercase
            {
                count += 1
            }
            (third, second, first) = (second, first, scalar)
        }
        return count
    }

    private static let firstPerson: Set<Substring> = [
        "i", "my", "me", "we", "our", "us", "mine", "m", "ve",
    ]
    private static let timeWords = Set(
        """
        yesterday today tomorrow tonight week weeks weekend month months year years day days ago last
        next monday tuesday wednesday thursday friday saturday sunday january february march april
        june july august september october november december summer winter spring fall autumn morning
        evening recently soon birthday since
        """.split { $0 == " " || $0 == "\n" }
    )
    private static let numbers = Set(
        """
        one two three four five six seven eight nine ten eleven twelve dozen twice couple several once
        first second third fourth fifth
        """.split { $0 == " " || $0 == "\n" }
    )
}
