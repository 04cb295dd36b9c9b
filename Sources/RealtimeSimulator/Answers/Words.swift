/// Words as the simulator compares them: lower case, without the commonest endings.
enum Words {
    /// Words that say nothing about a text's subject.
    private static let fillers: Set<String> = [
        "a", "about", "again", "all", "also", "am", "an", "and", "any", "are", "as", "ask", "at",
        "be", "been", "but", "by", "can", "could", "did", "do", "does", "else", "for", "from",
        "get", "give", "had", "has", "have", "he", "hello", "her", "hey", "hi", "him", "his",
        "how", "i", "if", "in", "into", "is", "it", "its", "just", "know", "let", "like", "many",
        "me", "more", "much", "my", "no", "not", "now", "of", "ok", "on", "one", "or", "our",
        "out", "please", "really", "remember", "said", "say", "she", "should", "so", "some", "sure",
        "thanks", "wow",
        "speak", "talk", "tell", "than", "thank", "that", "the", "their", "them", "then", "there",
        "they", "thing", "think", "this", "to", "told", "too", "up", "us", "use", "user", "very",
        "want", "was", "we", "were", "what", "when", "where", "which", "who", "whose", "why",
        "will", "with", "would", "yes", "you", "your",
    ]

    /// All words in order, folded.
    static func all(in text: some StringProtocol) -> [String] {
        text.lowercased()
            .split { !$0.isLetter && !$0.isNumber }
            .map(String.init)
    }

    /// The words that carry the subject, without their endings.
    static func content(of text: some StringProtocol) -> Set<String> {
        Set(all(in: text).filter { $0.count > 1 && !fillers.contains($0) }.map(stem))
    }

    private static func stem(_ word: String) -> String {
        for ending in ["ing", "ed", "es", "s"] where word.hasSuffix(ending) {
            let rest = word.dropLast(ending.count)
            if rest.count >= 3 { return String(rest) }
        }
        return word.hasSuffix("e") && word.count > 3 ? String(word.dropLast()) : word
    }
}
