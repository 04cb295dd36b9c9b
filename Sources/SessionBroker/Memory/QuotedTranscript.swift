internal import ContextStore
internal import JSON
internal import TextAnalysis

/// A segment as a language model gets to read it: quoted, numbered and within a token budget.
///
/// One line a message, as `> [3] 2026-11-21 user: "…"`, the words as a JSON string, so that nothing
/// that was said can end its quotation or begin a line of its own. When the segment is too long,
/// messages of its middle are left out, and a line says how many.
struct QuotedTranscript: Sendable {
    /// The bounds of what a model reads of one segment, in estimated tokens.
    static let maximumTokens = 8_000
    /// A message longer than this is cut, and its end marked.
    static let maximumMessageTokens = 800
    /// What stands where a message was cut.
    static let cutMark = " … [cut]"

    /// The lines.
    let text: String
    private let messages: [Int: SegmentTranscript.Message]

    /// Quotes a segment.
    init(_ segment: SegmentTranscript) {
        let all = segment.messages
        var front: [String] = []
        var left = Self.maximumTokens / 2
        while front.count < all.count {
            let line = Self.line(all[front.count], number: front.count + 1)
            guard Self.fits(line, in: &left) else { break }
            front.append(line)
        }
        var back: [String] = []
        left += Self.maximumTokens - Self.maximumTokens / 2
        while front.count + back.count < all.count {
            let index = all.count - 1 - back.count
            let line = Self.line(all[index], number: index + 1)
            guard Self.fits(line, in: &left) else { break }
            back.append(line)
        }
        let omitted = all.count - front.count - back.count
        let gap = omitted == 0 ? [] : ["> (\(omitted) messages are left out here)"]
        text = (front + gap + back.reversed()).joined(separator: "\n")
        let shown = Array(all.indices.prefix(front.count)) + all.indices.suffix(back.count)
        messages = Dictionary(uniqueKeysWithValues: shown.map { ($0 + 1, all[$0]) })
    }

    /// Whether there is nothing to read.
    var isEmpty: Bool { messages.isEmpty }

    /// The message that is shown with a number.
    subscript(number: Int) -> SegmentTranscript.Message? { messages[number] }

    private static func fits(_ line: String, in left: inout Int) -> Bool {
        let cost = TokenEstimate.tokens(in: line) + 1
        guard cost <= left else { return false }
        left -= cost
        return true
    }

    private static func line(_ message: SegmentTranscript.Message, number: Int) -> String {
        let day = CalendarDay(millisecondsSince1970: message.saidAt.milliseconds)
        let words = JSONValue.string(cut(message.text.onOneLine)).text
        return "> [\(number)] \(day) \(message.role.rawValue): \(words)"
    }

    /// The beginning of a text that is too long.
    private static func cut(_ text: String) -> String {
        // No text of so many characters has fewer tokens, by a quarter of its bytes.
        let bounded = text.prefix(maximumMessageTokens * 4)
        var kept = bounded
        var tokens = TokenEstimate.tokens(in: kept)
        while tokens > maximumMessageTokens {
            kept = kept.prefix(kept.count * maximumMessageTokens / tokens)
            tokens = TokenEstimate.tokens(in: kept)
        }
        return kept.endIndex == text.endIndex ? text : kept + cutMark
    }
}

extension String {
    /// This text with each run of white space as one space, none at its ends, and without what is
    /// not fit to stand in a line.
    var onOneLine: String { QuotedText.line(self, maximumTokens: .max) }
}
