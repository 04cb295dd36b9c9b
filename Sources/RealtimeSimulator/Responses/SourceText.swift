internal import JSON

/// What there is to answer from: the lines that a request quotes, or all of its lines.
///
/// A quoted line begins with `> `; what it has in front of its words, as `[3] 2026-11-21 user:`,
/// says its number and its speaker.
struct SourceText: Sendable {
    /// One line.
    struct Line: Sendable, Equatable {
        var number: Int
        var speaker: String?
        var text: String
    }

    /// A text with more lines is read in part, so that an answer stays quick.
    private static let lineLimit = 4_000
    /// Lines that say less than this are not worth telling.
    private static let leastSalience = 7

    let lines: [Line]

    init(_ text: String) {
        let all = text.split(whereSeparator: \.isNewline).prefix(Self.lineLimit)
        let quoted = all.filter { $0.hasPrefix("> ") }
        lines = (quoted.isEmpty ? Array(all) : quoted).enumerated().compactMap { index, line in
            quoted.isEmpty
                ? Line(number: index + 1, text: String(line))
                : Self.line(quoted: line.dropFirst(2), index: index)
        }
    }

    /// The lines that say most about whoever speaks, in their order.
    func salientLines(limit: Int) -> [Line] {
        let scored = lines.indices.map { (Self.salience(lines[$0]), $0) }
            .filter { $0.0 >= Self.leastSalience }
        let best = scored.sorted { ($0.0, -$0.1) > ($1.0, -$1.1) }.prefix(limit)
        return best.map(\.1).sorted().map { lines[$0] }
    }

    /// First person, names, numbers and long lines say more than questions and pleasantries.
    private static func salience(_ line: Line) -> Int {
        let words = line.text.split(separator: " ")
        var score = min(Words.content(of: line.text).count, 8)
        if line.speaker == "user" { score += 4 }
        if words.contains(where: { ["I", "my", "My", "I'm", "I've"].contains($0) }) { score += 4 }
        if line.text.contains(where: \.isNumber) { score += 1 }
        score += min(3, words.dropFirst().filter { $0.first?.isUppercase ?? false }.count)
        if line.text.hasSuffix("?") { score -= 6 }
        return score
    }

    /// Reads `[3] 2026-11-21 user: "words"`; nil for a line that quotes nobody.
    private static func line(quoted line: Substring, index: Int) -> Line? {
        guard line.hasPrefix("[") else {
            return line.hasPrefix("(") ? nil : Line(number: index + 1, text: String(line))
        }
        let number = line.dropFirst().prefix { $0.isNumber }
        guard let colon = line.range(of: ": \""),
            let words = try? JSONValue(parsing: line[colon.upperBound...].unquotable),
            let text = words.stringValue
        else { return Line(number: index + 1, text: String(line)) }
        let speaker = line[..<colon.lowerBound].split(separator: " ").last.map(String.init)
        return Line(number: Int(number) ?? index + 1, speaker: speaker, text: text)
    }
}

extension Substring {
    /// The UTF-8 of this rest of a JSON string with its first quotation mark put back.
    fileprivate var unquotable: [UInt8] { [UInt8(ascii: "\"")] + utf8 }

    /// Where a text occurs first.
    fileprivate func range(of text: String) -> Range<Index>? {
        indices.lazy.filter { self[$0...].hasPrefix(text) }.first.map { start in
            start..<index(start, offsetBy: text.count)
        }
    }
}
