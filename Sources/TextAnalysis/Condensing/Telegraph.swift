/// Shortens English sentences as in a telegram: what carries nothing is left out.
///
/// Who speaks stands before the line, so "I" goes; negations, other people, and words such as
/// "before", "after", "with", "from" and "for" stay. Other languages lose nearly nothing.
struct Telegraph {
    private let information: InformationWords

    init(information: InformationWords) {
        self.information = information
    }

    /// The words that are left of a sentence; none when it says nothing.
    func shortened(_ tokens: [Token]) -> [Token] {
        trimmed(kept(of: informative(tokens)))
    }

    /// Leaves out the polite beginning of a sentence and the name of whom it addresses.
    func withoutAddress(_ tokens: [Token]) -> ArraySlice<Token> {
        var rest = tokens[...]
        while let length = openingLength(rest) { rest = rest.dropFirst(length) }
        let opening = tokens.dropLast(rest.count)
        if !opening.isEmpty, let name = rest.first, name.isCapitalized, name.endsPart {
            // "Thanks, Ana!" addresses someone; "Well, Lyon." answers.
            let greets = opening.contains { TelegraphWords.greetings.contains($0.core) }
            if rest.count > 1 || greets { rest = rest.dropFirst() }
        }
        return withoutFinalAddress(rest)
    }

    private func openingLength(_ words: ArraySlice<Token>) -> Int? {
        guard let first = words.first, words.count > 1 else { return nil }
        if first.core.isEmpty && !first.isDate { return 1 }
        if TelegraphWords.openings.contains(first.core) { return 1 }
        if first.endsPart && TelegraphWords.closedOpenings.contains(first.core) { return 1 }
        let cores = words.prefix(3).map(\.core)
        return TelegraphWords.longOpenings.first { cores.starts(with: $0) }?.count
    }

    /// "…, Ana!" addresses someone; in a list of names, another name stands before the comma.
    private func withoutFinalAddress(_ words: ArraySlice<Token>) -> ArraySlice<Token> {
        guard words.count > 3, let name = words.last, name.isCapitalized, name.endsPart else {
            return words
        }
        let before = words[words.endIndex - 2]
        guard before.text.hasSuffix(","), !before.isCapitalized else { return words }
        return words.dropLast()
    }

    /// Leaves out the clauses that carry no information: "which is pretty exciting".
    private func informative(_ tokens: [Token]) -> [Token] {
        var clauses: [[Token]] = [[]]
        for token in tokens {
            let begins = token.isDash || TelegraphWords.conjunctions.contains(token.core)
            let ended = clauses.last?.last?.endsClause ?? false
            if begins || ended { clauses.append([]) }
            clauses[clauses.count - 1].append(token)
        }
        let kept = clauses.filter { $0.contains(where: isWorthKeeping) }
        guard let first = kept.first else { return tokens }
        let head = first.drop { $0.isDash || TelegraphWords.conjunctions.contains($0.core) }
        return Array(head) + kept.dropFirst().joined()
    }

    private func isWorthKeeping(_ token: Token) -> Bool {
        token.isDate || information.isInformative(token)
    }

    private func kept(of tokens: [Token]) -> [Token] {
        var kept: [Token] = []
        var index = 0
        let quotation = Self.quotation(in: tokens)
        while index < tokens.count {
            let length =
                quotation.contains(index)
                ? 0 : droppedLength(tokens[index...], isFirst: kept.isEmpty)
            guard length > 0 else {
                kept.append(tokens[index])
                index += 1
                continue
            }
            let last = tokens[index + length - 1]
            let mark = last.core == "and" && !last.endsPart ? "," : last.punctuation
            if let mark, let before = kept.last, !before.endsPart {
                kept[kept.count - 1].text.append(mark)
            }
            index += length
        }
        return kept
    }

    /// The words between quotation marks: mostly a title, which is nothing without its small words.
    private static func quotation(in tokens: [Token]) -> Set<Int> {
        var inside: Set<Int> = []
        var start: Int?
        for (index, token) in tokens.enumerated() {
            if let first = token.text.first, opening.contains(first) { start = index }
            guard let begin = start, token.text.dropFirst().contains(where: closing.contains) else {
                continue
            }
            if index - begin < maximumTitleWords { inside.formUnion(begin...index) }
            start = nil
        }
        return inside
    }

    private static let opening: Set<Character> = ["\"", "“", "«", "„"]
    private static let closing: Set<Character> = ["\"", "”", "»", "“"]
    /// Of longer quotations, small words are left out as elsewhere.
    private static let maximumTitleWords = 8

    /// How many words from here on are left out; 0 for none.
    private func droppedLength(_ words: ArraySlice<Token>, isFirst: Bool) -> Int {
        guard let first = words.first else { return 0 }
        let second = words.dropFirst().first?.core
        if second == "of", TelegraphWords.measures.contains(first.core) { return 2 }
        if second == "to", TelegraphWords.auxiliaries.contains(first.core) { return 2 }
        if TelegraphWords.dropped.contains(first.core) { return 1 }
        // With a capital inside a sentence it is a name: "Nice", "May".
        let isName = first.isCapitalized && !isFirst
        return !isName && TelegraphWords.droppedPraise.contains(first.core) ? 1 : 0
    }

    private func trimmed(_ tokens: [Token]) -> [Token] {
        var tokens = Array(tokens.drop { $0.core.isEmpty && !$0.isDate })
        while let last = tokens.last {
            if last.core.isEmpty && !last.isDate && !last.text.contains(where: \.isSymbol) {
                tokens.removeLast()
            } else if let mark = last.punctuation, mark == "," || mark == ";" || mark == ":" {
                tokens[tokens.count - 1].text.removeLast()
            } else {
                break
            }
        }
        return tokens
    }
}

extension Token {
    fileprivate var endsClause: Bool {
        punctuation == "," || punctuation == ";" || punctuation == ":"
    }
}
