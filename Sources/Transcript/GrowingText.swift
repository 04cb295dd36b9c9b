/// A text that arrives in pieces, then whole, and each of it possibly twice.
struct GrowingText: Sendable, Equatable {
    /// Where in an answer's audio a piece begins.
    struct Mark: Sendable, Equatable {
        let startMs: Int
        let offset: Int
    }

    /// The most bytes that pieces may add up to; what comes on top is not kept.
    static let streamedLimit = 1 << 20

    /// What the pieces add up to.
    private(set) var streamed = ""
    /// The whole text, once it is told.
    private(set) var whole: String?
    /// The beginnings of the pieces, where the provider tells them.
    private(set) var marks: [Mark] = []

    /// The best that is known.
    var text: String { whole ?? streamed }

    /// Whether a piece changes nothing any more.
    var isWhole: Bool { whole != nil }

    /// Adds a piece; one that comes after the whole text is a late or repeated one.
    mutating func append(_ piece: String, startMs: Int? = nil) {
        guard whole == nil, streamed.utf8.count + piece.utf8.count <= Self.streamedLimit else {
            return
        }
        if let startMs { marks.append(Mark(startMs: startMs, offset: streamed.utf8.count)) }
        streamed += piece
    }

    /// Takes a text that holds all the pieces so far.
    mutating func replaceStreamed(with text: String) {
        guard whole == nil, text.utf8.count <= Self.streamedLimit else { return }
        streamed = text
    }

    /// Takes the whole text; an empty one says nothing about pieces that did come.
    mutating func finish(_ text: String) {
        guard !text.isEmpty || self.text.isEmpty else { return }
        whole = text
        streamed = ""
    }

    /// Takes a whole text that may have been cut, if it does not tell less than is known.
    mutating func finish(ifLonger text: String) {
        if text.utf8.count >= self.text.utf8.count { finish(text) }
    }

    /// Takes the whole text unless one is known.
    mutating func fill(_ text: String) {
        if whole == nil { finish(text) }
    }
}
