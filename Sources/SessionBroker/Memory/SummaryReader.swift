internal import ContextStore
internal import JSON
internal import TextAnalysis

/// Reads what a language model wrote about a transcript, and takes only what holds.
///
/// A model may write anything, the more so as users may have told it to. So every bound is checked
/// here: a summary that is too long ends at a sentence that fits, or is cut, a fact that breaks a rule is
/// dropped. Nothing has a line break or a control character.
struct SummaryReader: Sendable {
    /// Further facts are dropped.
    static let maximumFacts = 20
    /// The bounds of texts, in the tokens that they likely have: as much can be said in any script.
    static let maximumSummaryTokens = 400
    static let maximumFactTokens = 40
    static let maximumKeyTokens = 8
    /// Of more messages that say the same, the last ones are kept.
    static let maximumSources = 5

    /// What the model read.
    let transcript: QuotedTranscript

    /// The summary in an answer; nil when it does not have the form that was asked for.
    func summary(in answer: String) -> ModelSummary? {
        guard let json = try? JSONValue(parsing: answer.utf8),
            let text = json["summary"]?.stringValue.map(Self.bounded), !text.isEmpty,
            let facts = json["facts"]?.arrayValue
        else { return nil }
        var known: Set<[String]> = []
        var taken: [ModelFact] = []
        for fact in facts.lazy.compactMap(fact) {
            guard taken.count < Self.maximumFacts else { break }
            let name = [fact.slot.rawValue, fact.key.lowercased(), fact.value.lowercased()]
            if known.insert(name).inserted { taken.append(fact) }
        }
        return ModelSummary(text: text, facts: taken)
    }

    /// A fact, if it is short and says who said so.
    private func fact(_ json: JSONValue) -> ModelFact? {
        guard let text = Self.phrase(json["text"], 1...Self.maximumFactTokens),
            let value = Self.phrase(json["value"], 1...Self.maximumFactTokens),
            let key = Self.phrase(json["key"], 0...Self.maximumKeyTokens),
            let slot = json["slot"]?.stringValue.flatMap(ModelFact.Slot.init),
            let hasEnded = json["has_ended"]?.boolValue,
            let numbers = json["messages"]?.arrayValue
        else { return nil }
        let sources = Set(numbers.compactMap(\.integerValue)).sorted()
            .compactMap { transcript[Int($0)] }
        guard let last = sources.map(\.saidAt).max(),
            let own = sources.lastIndex(where: { $0.role == .user })
        else { return nil }
        // One of the user's own stays, however many of the assistant's follow it.
        let start = min(own, max(0, sources.count - Self.maximumSources))
        return ModelFact(
            text: text,
            slot: slot,
            key: key,
            value: value,
            hasEnded: hasEnded,
            sources: sources[start...].prefix(Self.maximumSources).map(\.id),
            saidAt: last
        )
    }

    private static func phrase(_ json: JSONValue?, _ tokens: ClosedRange<Int>) -> String? {
        guard let text = json?.stringValue?.onOneLine else { return nil }
        return tokens.contains(TokenEstimate.likelyTokens(in: text)) ? text : nil
    }

    /// As many whole sentences as fit; of a first one that is too long, its beginning.
    private static func bounded(_ text: String) -> String {
        let text = text.onOneLine
        guard TokenEstimate.likelyTokens(in: text) > maximumSummaryTokens else { return text }
        var left = maximumSummaryTokens
        let fitting = SentenceSplitter.sentences(of: text, limit: maximumSummaryTokens).prefix {
            left -= TokenEstimate.likelyTokens(in: $0) + 1
            return left >= 0
        }
        guard fitting.isEmpty else { return fitting.joined(separator: " ") }
        // What cuts lines counts on the safe side.
        let share =
            Double(TokenEstimate.tokens(in: text))
            / Double(TokenEstimate.likelyTokens(in: text))
        return QuotedText.line(text, maximumTokens: Int(Double(maximumSummaryTokens) * share))
    }
}
