/// Cuts sentences into what can stand alone.
enum Clauses {
    /// A part with fewer words stays with the one before it.
    private static let minimumWords = 5

    /// A sentence's parts: at dashes, semicolons, and commas before a clause with its own subject.
    static func parts(of tokens: [Token]) -> [[Token]] {
        var parts: [[Token]] = []
        var part: [Token] = []
        for (index, token) in tokens.enumerated() {
            if !part.isEmpty, isBoundary(tokens, at: index), part.count >= minimumWords,
                wordsUpToNextBoundary(tokens, from: index) >= minimumWords
            {
                parts.append(part)
                part = []
            }
            if part.isEmpty && token.core.isEmpty { continue }
            part.append(token)
        }
        if !part.isEmpty { parts.append(part) }
        return parts
    }

    private static func isBoundary(_ tokens: [Token], at index: Int) -> Bool {
        let token = tokens[index]
        if token.isDash { return true }
        let before = tokens[index - 1]
        if before.isDash || before.text.hasSuffix(";") { return true }
        guard before.text.hasSuffix(",") else { return false }
        if token.core == "but" || token.core == "so" { return true }
        guard token.core == "and", index + 1 < tokens.count else { return false }
        return subjects.contains(tokens[index + 1].core)
    }

    private static func wordsUpToNextBoundary(_ tokens: [Token], from start: Int) -> Int {
        var count = 0
        for index in start..<tokens.count {
            if count > 0 && isBoundary(tokens, at: index) { break }
            if !tokens[index].core.isEmpty { count += 1 }
        }
        return count
    }

    private static let subjects = Set(words: "i we it they he she my our")
}

extension Token {
    /// Whether it is a dash that stands alone.
    var isDash: Bool { text == "-" || text == "–" || text == "—" || text == "--" }
}
