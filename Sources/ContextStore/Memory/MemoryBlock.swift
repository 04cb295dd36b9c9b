internal import JSON
internal import TextAnalysis

/// What is known of a user's past, prepared for prompts of any budget.
struct MemoryBlock: Sendable, Equatable {
    /// No prompt takes more of the history than this many tokens.
    static let maximumTokens = 8_000
    /// Counts up when the same history would give another block.
    static let version: Int64 = 2

    /// Facts as short phrases, the most important first.
    var facts: [String]
    /// What a language model made of earlier sessions, newest first, with their days.
    var summaries: [String]
    /// Sentences of the history, best first.
    var ranking: [CondenserCandidate]
    /// Whether there is more in the history than the ranking holds.
    var isPartial: Bool

    /// The block of somebody who said nothing yet.
    static let empty = MemoryBlock(facts: [], summaries: [], ranking: [], isPartial: false)

    /// As it is stored: an object in JSON on the first line, then a line for each sentence with tabs
    /// between its fields, because hundreds of them are read for each prompt.
    ///
    /// Marks and worth have done their work and are left out. Sentences hold neither tabs nor line
    /// breaks (``SentenceAnalyzer``).
    var stored: String {
        let head: JSONValue = [
            "facts": .array(facts.map(JSONValue.string)),
            "summaries": .array(summaries.map(JSONValue.string)), "partial": .bool(isPartial),
        ]
        let rows = ranking.map { sentence in
            """
            \(sentence.item)\t\(sentence.ordinal)\t\(sentence.order)\t\(sentence.day.number)\t\
            \(sentence.session)\t\(sentence.speaker.rawValue)\t\(sentence.text)
            """
        }
        return ([head.text] + rows).joined(separator: "\n")
    }
}

extension MemoryBlock {
    /// Reads what ``stored`` wrote; nil for anything else, which is then made anew.
    init?(stored: String) {
        var stored = stored
        let read = stored.withUTF8 { bytes in
            var lines = FieldReader(bytes)
            return lines.next(UInt8(ascii: "\n")).flatMap { Self(head: $0, lines) }
        }
        guard let read else { return nil }
        self = read
    }

    private init?(head: UnsafeBufferPointer<UInt8>.SubSequence, _ lines: FieldReader) {
        guard let head = try? JSONValue(parsing: head), let facts = head["facts"]?.arrayValue,
            let summaries = head["summaries"]?.arrayValue,
            let isPartial = head["partial"]?.boolValue
        else { return nil }
        self.facts = facts.compactMap(\.stringValue)
        self.summaries = summaries.compactMap(\.stringValue)
        self.isPartial = isPartial
        ranking = []
        var lines = lines
        while !lines.isAtEnd {
            guard let sentence = CondenserCandidate(&lines) else { return nil }
            ranking.append(sentence)
        }
    }
}

extension CondenserCandidate {
    fileprivate init?(_ line: inout FieldReader) {
        guard let item = line.number(), let ordinal = line.number(), let order = line.number(),
            let day = line.number(), let session = line.number(),
            let speaker = line.number().flatMap(Speaker.init),
            let text = line.next(UInt8(ascii: "\n"))
        else { return nil }
        self.init(
            item: Int64(item),
            ordinal: ordinal,
            order: order,
            day: CalendarDay(number: day),
            session: session,
            speaker: speaker,
            text: String(decoding: text, as: UTF8.self),
            worth: 0,
            marks: []
        )
    }
}

/// Reads fields that end with a byte of their own; the last one ends with the text.
private struct FieldReader {
    private var rest: UnsafeBufferPointer<UInt8>.SubSequence

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The bytes before the next end.
    mutating func next(_ end: UInt8) -> UnsafeBufferPointer<UInt8>.SubSequence? {
        guard !rest.isEmpty else { return nil }
        let field = rest.prefix { $0 != end }
        rest = rest[field.endIndex...].dropFirst()
        return field
    }

    /// A number before the next tab.
    mutating func number() -> Int? {
        guard var digits = next(UInt8(ascii: "\t")) else { return nil }
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        guard (1...18).contains(digits.count) else { return nil }
        var number = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            number = number * 10 + Int(digit - 0x30)
        }
        return isNegative ? -number : number
    }
}
