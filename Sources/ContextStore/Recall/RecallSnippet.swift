internal import TextAnalysis

/// A short piece of a text, with what was looked for marked.
public struct RecallSnippet: Sendable, Equatable {
    /// A stretch of the text; all of them one after the other are the snippet.
    public struct Piece: Sendable, Equatable {
        /// The text as it was said.
        public let text: String
        /// Whether it is a word that was looked for.
        public let isMatch: Bool

        /// A stretch of text.
        public init(_ text: String, isMatch: Bool = false) {
            self.text = text
            self.isMatch = isMatch
        }
    }

    /// The pieces, in order; an ellipsis stands where the text was cut.
    public let pieces: [Piece]

    /// About how many characters are shown.
    private static let length = 200
    /// How many of them come before the first match.
    private static let lead = 40
    /// Text beyond this is not looked at.
    private static let maximumText = 4_000

    init(of text: String, marking isMatch: (String) -> Bool) {
        let isCut = text.utf8.count > Self.maximumText
        let characters = Array(isCut ? text.prefix(Self.maximumText) : text[...])
        let marks = Self.matches(characters, isMatch)
        let range = Self.window(marks, characters)
        var pieces: [Piece] = []
        if range.lowerBound > 0 { pieces.append(Piece("…")) }
        var place = range.lowerBound
        for mark in marks where mark.lowerBound >= place && mark.upperBound <= range.upperBound {
            if mark.lowerBound > place {
                pieces.append(Piece(String(characters[place..<mark.lowerBound])))
            }
            pieces.append(Piece(String(characters[mark]), isMatch: true))
            place = mark.upperBound
        }
        if place < range.upperBound {
            pieces.append(Piece(String(characters[place..<range.upperBound])))
        }
        let isEnd = range.upperBound == characters.count
        let isWhole = isEnd && characters.count == text.count
        if !isWhole { pieces.append(Piece("…")) }
        self.pieces = pieces
    }

    /// The stretch with the most matches; the text's beginning without any.
    private static func window(_ marks: [Range<Int>], _ characters: [Character]) -> Range<Int> {
        guard characters.count > length else { return 0..<characters.count }
        var best = (start: 0, count: 0)
        var end = 0
        for (index, mark) in marks.enumerated() {
            while end < marks.count, marks[end].upperBound <= mark.lowerBound - lead + length {
                end += 1
            }
            if end - index > best.count { best = (mark.lowerBound, end - index) }
        }
        var start = max(0, min(best.start - lead, characters.count - length))
        let latest = min(start + lead, best.start)
        // Not within a word, where one begins nearby.
        if start > 0, let space = characters[start..<max(latest, start)].firstIndex(of: " ") {
            start = space + 1
        }
        return start..<min(characters.count, start + length)
    }

    private static func matches(
        _ characters: [Character],
        _ isMatch: (String) -> Bool
    ) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start = 0
        for index in 0...characters.count {
            if index < characters.count, isWordPart(characters[index]) { continue }
            if start < index {
                found += matches(in: start..<index, characters, isMatch)
            }
            start = index + 1
        }
        return found
    }

    private static func isWordPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
    }

    /// Matches within what stands between spaces and signs: one word, or many of a script without
    /// spaces, which are found by pairs of characters.
    private static func matches(
        in range: Range<Int>,
        _ characters: [Character],
        _ isMatch: (String) -> Bool
    ) -> [Range<Int>] {
        let terms = Words.queryTerms(of: String(characters[range]))
        if terms.count == 1 { return terms.contains(where: isMatch) ? [range] : [] }
        var found: [Range<Int>] = []
        for start in range.dropLast() {
            let pair = start..<start + 2
            let isFound = Words.queryTerms(of: String(characters[pair])).contains(where: isMatch)
            guard isFound else { continue }
            if let last = found.last, last.upperBound >= start {
                found[found.count - 1] = last.lowerBound..<pair.upperBound
            } else {
                found.append(pair)
            }
        }
        return found
    }
}
