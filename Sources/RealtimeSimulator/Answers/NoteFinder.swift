/// Finds lines of instructions that answer a question, by the words that both share.
struct NoteFinder: Sendable {
    private struct Line {
        let text: String
        let words: Set<String>
        /// Whether the line stands under a heading about earlier conversations.
        let isNote: Bool

        var isStatement: Bool { !text.hasSuffix("?") }
    }

    /// Lines that say less than this are not worth telling when nothing particular was asked.
    private static let leastSalience = 6
    /// No more of a line is quoted.
    private static let quoteLimit = 1_000
    /// Instructions longer than this are searched in part, so that an answer stays quick.
    private static let lineLimit = 4_000

    private let lines: [Line]

    init(instructions: String) {
        var isNote = false
        lines = instructions.split(whereSeparator: \.isNewline).prefix(Self.lineLimit).compactMap {
            let text = String($0).trimmingBullet
            guard !text.isEmpty else { return nil }
            if Self.isHeading(text) {
                isNote = true
                return nil
            }
            return Line(text: text, words: Words.content(of: text), isNote: isNote)
        }
    }

    /// Lines that share the subject of a question, best first; empty when none does.
    func lines(about question: String, limit: Int = 2) -> [String] {
        let asked = Words.content(of: question)
        guard !asked.isEmpty else { return [] }
        let frequency = lines.reduce(into: [String: Int]()) { counts, line in
            for word in line.words.intersection(asked) { counts[word, default: 0] += 1 }
        }
        let scored = lines.enumerated().compactMap { index, line -> (Double, Int)? in
            let shared = line.words.intersection(asked)
            // A rule for the assistant needs more in common with the question than a note does.
            guard shared.count >= (line.isNote ? 1 : 2) else { return nil }
            let score = shared.reduce(0.0) { $0 + 1 / Double(frequency[$1] ?? 1) }
            return (score + Double(shared.count) + (line.isStatement ? 0.5 : 0), index)
        }
        let best = scored.sorted { ($0.0, -$0.1) > ($1.0, -$1.1) }.prefix(limit)
        return best.map { quote(lines[$0.1].text) }
    }

    /// The notes that say most about the user, in their order; for questions without a subject.
    func salientLines(limit: Int = 3) -> [String] {
        let scored = lines.indices.filter { lines[$0].isNote && !lines[$0].words.isEmpty }
            .map { (salience(lines[$0]), $0) }
            .filter { $0.0 >= Self.leastSalience }
        let best = scored.sorted { ($0.0, -$0.1) > ($1.0, -$1.1) }.prefix(limit)
        return best.map(\.1).sorted().map { quote(lines[$0].text) }
    }

    /// First person, names, numbers and long lines say more than questions and pleasantries.
    private func salience(_ line: Line) -> Int {
        let words = line.text.split(separator: " ")
        var score = min(line.words.count, 8)
        if line.text.hasPrefix("U:") || line.text.lowercased().hasPrefix("user") { score += 4 }
        if words.contains(where: { ["I", "my", "My", "I'm", "I've"].contains($0) }) { score += 4 }
        if line.text.contains(where: \.isNumber) { score += 1 }
        score += min(3, words.dropFirst().filter { $0.first?.isUppercase ?? false }.count)
        if !line.isStatement { score -= 6 }
        return score
    }

    private func quote(_ text: String) -> String {
        // The mark of who spoke is for reading, not for saying.
        let text = text.hasPrefix("U: ") ? String(text.dropFirst(3)) : text
        return text.count <= Self.quoteLimit ? text : text.prefix(Self.quoteLimit) + "…"
    }

    /// Whether a line announces what earlier sessions left.
    private static func isHeading(_ text: String) -> Bool {
        let words = Set(Words.all(in: text))
        guard words.count <= 40 else { return false }
        let isOfPast = !words.isDisjoint(with: ["earlier", "previous", "past", "before", "last"])
        let isOfNotes = !words.isDisjoint(with: [
            "notes", "memory", "conversations", "conversation", "sessions", "facts", "messages",
            "context",
        ])
        return isOfPast && isOfNotes && !text.contains("\"")
    }
}

extension String {
    /// This line without white space and list marks at its beginning.
    fileprivate var trimmingBullet: String {
        String(drop { $0.isWhitespace || "-*•#>".contains($0) })
    }
}
