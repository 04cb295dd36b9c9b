/// Cuts a text that comes in pieces without end into captions: at the end of a sentence, at a pause,
/// and where it would get too long.
public struct Segmenter: Sendable {
    /// What becomes of the caption that is being written.
    public enum Change: Sendable, Equatable {
        /// It goes on with this text; the first one begins it.
        case text(String)
        /// It is over.
        case end
    }

    /// From this many characters on, a caption ends at the next space.
    public static let softLimit = 200
    /// With this many it ends anywhere.
    public static let hardLimit = 400

    private var length = 0
    private var word: [Character] = []
    private var isSentenceOver = false

    /// Nothing was said.
    public init() {}

    /// Whether a caption is being written.
    public var isOpen: Bool { length > 0 }

    /// Takes the next piece.
    public mutating func append(_ piece: String) -> [Change] {
        var changes: [Change] = []
        var text = ""
        func flush() {
            if !text.isEmpty { changes.append(.text(text)) }
            text = ""
        }
        for character in piece {
            if mustEnd(before: character) {
                flush()
                changes.append(.end)
                reset()
            }
            // What separates two captions belongs to neither.
            if length == 0, character.isWhitespace { continue }
            text.append(character)
            note(character)
        }
        flush()
        return changes
    }

    /// Nothing was said for a while: what was being written is over.
    public mutating func pause() -> [Change] {
        guard isOpen else { return [] }
        reset()
        return [.end]
    }

    private func mustEnd(before character: Character) -> Bool {
        guard length > 0 else { return false }
        if length >= Self.hardLimit { return true }
        if isSentenceOver, let last = word.last, Self.wideStops.contains(last) {
            return !Self.closing.contains(character)
        }
        return character.isWhitespace && (isSentenceOver || length >= Self.softLimit)
    }

    private mutating func note(_ character: Character) {
        length += 1
        if character.isWhitespace {
            word = []
            isSentenceOver = false
            return
        }
        if Self.stops.contains(character) || Self.wideStops.contains(character) {
            isSentenceOver = !isAbbreviation(before: character)
        } else if !Self.closing.contains(character) {
            isSentenceOver = false
        }
        // Only the end of a long word matters.
        if word.count > 32 { word.removeFirst(16) }
        word.append(character)
    }

    /// "Dr.", "St.", an initial: a short word with a capital.
    private func isAbbreviation(before stop: Character) -> Bool {
        stop == "." && (1...2).contains(word.count) && word[0].isUppercase
    }

    private mutating func reset() {
        length = 0
        word = []
        isSentenceOver = false
    }

    private static let stops: Set<Character> = [".", "!", "?", "…", "।"]
    /// No space follows these.
    private static let wideStops: Set<Character> = ["。", "！", "？"]
    private static let closing: Set<Character> = ["\"", "”", "’", ")", "»", "」", "』"]
}
