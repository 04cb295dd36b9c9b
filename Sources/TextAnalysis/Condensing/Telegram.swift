/// Shortens sentences the way telegrams are written: without the words that carry nothing.
struct Telegram {
    /// Names, in lower case, by which the speakers call each other.
    let names: Set<String>
    /// Tells whether words say anything of substance.
    let substance: Substance

    /// The sentence in fewer words; empty when none says anything.
    func shortened(_ sentence: String) -> String {
        var tokens = Token.tokens(of: sentence)
        tokens = withoutAddress(tokens)
        tokens = withoutPhrases(tokens)
        tokens = withoutOpening(tokens)
        tokens = withoutEmptyClauses(tokens)
        return joined(tokens)
    }

    /// Leaves out a name by which the other one is addressed.
    private func withoutAddress(_ tokens: [Token]) -> [Token] {
        var kept: [Token] = []
        for token in tokens {
            let isAddress = names.contains(token.core) && token.punctuation != nil
            if isAddress { carry(token.punctuation, to: &kept) } else { kept.append(token) }
        }
        return kept
    }

    /// What ended the word that goes ends the one before it.
    private func carry(_ ending: Character?, to tokens: inout [Token]) {
        guard let ending, ".!?".contains(ending), var last = tokens.popLast() else { return }
        if let old = last.punctuation, old == "," { last.text.removeLast() }
        if last.punctuation == nil { last.text.append(ending) }
        tokens.append(last)
    }

    private func withoutPhrases(_ tokens: [Token]) -> [Token] {
        var kept: [Token] = []
        var index = 0
        while index < tokens.count {
            let rest = tokens[index...]
            let phrase = WordList.emptyPhrases.first { phrase in
                rest.count >= phrase.count && zip(rest, phrase).allSatisfy { $0.core == $1 }
            }
            guard let phrase else {
                kept.append(tokens[index])
                index += 1
                continue
            }
            index += phrase.count
            carry(tokens[index - 1].punctuation, to: &kept)
        }
        return kept
    }

    /// Leaves out words like "hey" at the beginning, and a name that is called behind them.
    private func withoutOpening(_ tokens: [Token]) -> [Token] {
        let rest = tokens.drop { WordList.fillers.contains($0.core) || $0.core.isEmpty }
        guard rest.count < tokens.count, let first = rest.first, first.punctuation != nil,
            first.isCapitalized
        else { return Array(rest) }
        return Array(rest.dropFirst())
    }

    private func withoutEmptyClauses(_ tokens: [Token]) -> [Token] {
        var clauses: [[Token]] = [[]]
        for token in tokens {
            clauses[clauses.count - 1].append(token)
            if token.endsClause { clauses.append([]) }
        }
        let telling = clauses.filter { clause in
            clause.contains { !names.contains($0.core) && substance.has($0.core) || $0.isNegation }
        }
        return telling.isEmpty ? tokens : telling.flatMap(\.self)
    }

    /// "This" of "this month" says when.
    private func isOfTime(_ tokens: [Token], _ index: Int) -> Bool {
        tokens[index].core == "this" && index + 1 < tokens.count
            && WordList.spans.contains(tokens[index + 1].core)
    }

    private func joined(_ tokens: [Token]) -> String {
        var kept: [Token] = []
        for (index, token) in tokens.enumerated() {
            if WordList.droppable.contains(token.core), !isOfTime(tokens, index) {
                carry(token.punctuation, to: &kept)
            } else if token.core == "and" {
                if !kept.isEmpty { kept.append(Token("&")) }
            } else if token.isDash {
                // A dash between what is left reads as a pause.
                if var last = kept.popLast() {
                    if last.punctuation == nil { last.text += "," }
                    kept.append(last)
                }
            } else {
                kept.append(token)
            }
        }
        while let last = kept.last, last.core.isEmpty { kept.removeLast() }
        let text = kept.map(\.text).joined(separator: " ")
        return String(text.trimmingSuffix { ",;:".contains($0) })
    }
}

extension String {
    /// This text without the characters of a kind at its end.
    fileprivate func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> Substring {
        guard let last = lastIndex(where: { !isTrimmed($0) }) else { return "" }
        return self[...last]
    }
}

extension Token {
    /// A dash, or the last word before a pause.
    fileprivate var endsClause: Bool {
        isDash || punctuation == "," || punctuation == ";" || punctuation == ":"
    }

    /// Whether it turns the meaning of what stands around it.
    fileprivate var isNegation: Bool {
        WordList.negations.contains(core) || core.hasSuffix("n't")
    }
}
