internal import JSON
internal import TextAnalysis

/// What is known of a user's past, prepared for prompts of any budget.
struct MemoryBlock: Sendable, Equatable {
    /// No prompt takes more of the history than this many tokens.
    static let maximumTokens = 8_000
    /// Counts up when the same history would give another block.
    static let version: Int64 = 1

    /// Facts as short phrases, the most important first.
    var facts: [String]
    /// What a language model made of earlier sessions, newest first, with their days.
    var summaries: [String]
    /// Sentences of the history, best first.
    var ranking: [CondenserCandidate]
    /// Whether there is more in the history than the ranking holds.
    var isPartial: Bool

    /// As it is stored; marks have done their work.
    var stored: String {
        let rows = ranking.map { sentence in
            JSONValue.array([
                .integer(sentence.item), .integer(Int64(sentence.ordinal)),
                .integer(Int64(sentence.order)), .integer(Int64(sentence.day.number)),
                .integer(Int64(sentence.session)), .integer(Int64(sentence.speaker.rawValue)),
                .string(sentence.text), .integer(Int64(sentence.worth)),
            ])
        }
        let block: JSONValue = [
            "facts": .array(facts.map(JSONValue.string)),
            "summaries": .array(summaries.map(JSONValue.string)), "ranking": .array(rows),
            "partial": .bool(isPartial),
        ]
        return block.text
    }
}

extension MemoryBlock {
    /// Reads what ``stored`` wrote; nil for anything else, which is then made anew.
    init?(stored: String) {
        guard let block = try? JSONValue(parsing: stored.utf8),
            let facts = block["facts"]?.arrayValue,
            let summaries = block["summaries"]?.arrayValue, let rows = block["ranking"]?.arrayValue,
            let isPartial = block["partial"]?.boolValue
        else { return nil }
        self.facts = facts.compactMap(\.stringValue)
        self.summaries = summaries.compactMap(\.stringValue)
        self.isPartial = isPartial
        ranking = []
        ranking.reserveCapacity(rows.count)
        for row in rows {
            guard let sentence = CondenserCandidate(row) else { return nil }
            ranking.append(sentence)
        }
    }
}

extension CondenserCandidate {
    fileprivate init?(_ value: JSONValue) {
        guard let row = value.arrayValue, row.count == 8, let item = row[0].integerValue,
            let ordinal = row[1].integerValue, let order = row[2].integerValue,
            let day = row[3].integerValue, let session = row[4].integerValue,
            let speaker = row[5].integerValue.flatMap({ Speaker(rawValue: Int($0)) }),
            let text = row[6].stringValue, let worth = row[7].integerValue
        else { return nil }
        self.init(
            item: item,
            ordinal: Int(ordinal),
            order: Int(order),
            day: CalendarDay(number: Int(day)),
            session: Int(session),
            speaker: speaker,
            text: text,
            worth: Int(worth),
            marks: []
        )
    }
}
