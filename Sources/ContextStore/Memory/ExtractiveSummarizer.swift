internal import TextAnalysis

/// Makes a short stand-in of one session's items, in the speakers' own words.
///
/// Picks what a user said about themself: sentences in the first person, with names or numbers,
/// before others; questions and fillers last. Pure, deterministic and linear in what it reads.
public struct ExtractiveSummarizer: Sendable {
    /// Counts up when the same items would give another text, so that summaries are made anew.
    public static let version = 2

    /// How long a summary may get.
    public var maximumTokens: Int

    /// Makes a summarizer with a bound.
    public init(maximumTokens: Int = 300) {
        self.maximumTokens = maximumTokens
    }

    private struct Sentence {
        let index: Int
        let text: String
        let tokens: Int
        let value: Int
    }

    /// The summary, or nil when nothing was said.
    public func summary(of items: [Item]) -> String? {
        var sentences: [Sentence] = []
        for item in items where item.kind == .message {
            for text in parts(of: item.content) {
                let tokens = TokenEstimate.tokens(in: text) + 2
                let value = Self.value(of: text, role: item.role)
                sentences.append(
                    Sentence(index: sentences.count, text: text, tokens: tokens, value: value)
                )
            }
        }
        let chosen = choose(from: sentences)
        return chosen.isEmpty ? nil : chosen.map(\.text).joined(separator: " ")
    }

    private func choose(from sentences: [Sentence]) -> [Sentence] {
        let ranked = sentences.filter { $0.value > 0 }.sorted {
            ($1.value, $0.index) < ($0.value, $1.index)
        }
        var left = maximumTokens
        var chosen: [Sentence] = []
        for sentence in ranked where sentence.tokens <= left {
            left -= sentence.tokens
            chosen.append(sentence)
        }
        return chosen.sorted { $0.index < $1.index }
    }

    private static func value(of sentence: String, role: Item.Role) -> Int {
        guard role == .user || role == .assistant else { return 0 }
        let words = sentence.split { !$0.isLetter && !$0.isNumber && $0 != "'" && $0 != "’" }
        // Some scripts put no spaces between words.
        guard words.count > 1 || Words.queryTerms(of: sentence).count > 1 else { return 0 }
        var value = role == .user ? 4 : 1
        if words.contains(where: { firstPerson.contains($0.lowercased()) }) { value += 3 }
        if words.dropFirst().contains(where: { $0.first?.isUppercase == true && $0 != "I" }) {
            value += 2
        }
        if words.contains(where: { lifeWords.contains($0.lowercased()) }) { value += 2 }
        if sentence.contains(where: \.isNumber) { value += 1 }
        if sentence.last.map({ "?？؟".contains($0) }) == true { value -= 4 }
        return value
    }

    private static let firstPerson: Set<String> = [
        "i", "i'm", "i’m", "i've", "i’ve", "i'd", "i’d", "i'll", "i’ll", "me", "my", "mine", "we",
        "our", "us", "we're", "we’re", "we've", "we’ve",
    ]

    /// What people tell about their lives, and expect to be remembered.
    private static let lifeWords: Set<String> = [
        "name", "named", "called", "birthday", "born", "live", "lives", "moved", "moving", "work",
        "works", "job", "study", "wife", "husband", "partner", "married", "son", "daughter",
        "children", "mother", "father", "sister", "brother", "friend", "dog", "cat", "allergic",
        "favourite", "favorite", "love", "hate", "prefer", "plan", "plans", "tomorrow", "remind",
    ]

    /// The sentences of a message, none longer than half of a summary.
    private func parts(of text: String) -> [String] {
        SentenceSplitter.sentences(of: text).flatMap { SentencePieces.pieces(of: $0) }.map {
            QuotedText.line($0, maximumTokens: maximumTokens / 2)
        }
    }
}
