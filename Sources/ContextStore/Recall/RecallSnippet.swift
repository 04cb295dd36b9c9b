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
    /// How many bytes of the text, as UTF-8, come before it.
    public let start: Int

    /// About how many characters are shown.
    private static let length = 200
    /// How many of them come before the first match.
    private static let lead = 40

    init(of text: String, marking finder: MatchFinder) {
        let marks = finder.matches(in: text)
        let range = Self.window(marks, text)
        var pieces: [Piece] = []
        if range.lowerBound > text.startIndex { pieces.append(Piece("…")) }
        var place = range.lowerBound
        for mark in marks where mark.lowerBound >= place && mark.upperBound <= range.upperBound {
            if mark.lowerBound > place {
                pieces.append(Piece(String(text[place..<mark.lowerBound])))
            }
            pieces.append(Piece(String(text[mark]), isMatch: true))
            place = mark.upperBound
        }
        if place < range.upperBound { pieces.append(Piece(String(text[place..<range.upperBound]))) }
        if range.upperBound < text.endIndex { pieces.append(Piece("…")) }
        self.pieces = pieces
        start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
    }

    /// The stretch with the most matches; the text's beginning without any.
    private static func window(
        _ marks: [Range<String.Index>],
        _ text: String
    ) -> Range<String.Index> {
        let best = fullest(marks, text) ?? text.startIndex
        let begin = text.index(best, offsetBy: -lead, limitedBy: text.startIndex) ?? text.startIndex
        guard let end = text.index(begin, offsetBy: length, limitedBy: text.endIndex) else {
            // The text ends within it, so that it may begin earlier.
            let whole = text.index(text.endIndex, offsetBy: -length, limitedBy: text.startIndex)
            return fromWord(whole ?? text.startIndex, best, text)..<text.endIndex
        }
        return fromWord(begin, best, text)..<end
    }

    /// The first of those matches that have the most others soon behind them.
    private static func fullest(
        _ marks: [Range<String.Index>],
        _ text: String
    ) -> String.Index? {
        let offsets = marks.map { $0.lowerBound.utf16Offset(in: text) }
        var best: (mark: Int, count: Int)?
        var end = 0
        for (index, offset) in offsets.enumerated() {
            while end < offsets.count, offsets[end] < offset - lead + length { end += 1 }
            if end - index > best?.count ?? 0 { best = (index, end - index) }
        }
        return best.map { marks[$0.mark].lowerBound }
    }

    /// Not within a word, where one begins soon.
    private static func fromWord(
        _ begin: String.Index,
        _ match: String.Index,
        _ text: String
    ) -> String.Index {
        guard begin > text.startIndex, begin < match else { return begin }
        let lead = text[begin..<match].prefix(lead)
        return lead.firstIndex(of: " ").map { text.index(after: $0) } ?? begin
    }
}
