/// Shortens sentences the way telegrams are written: without the words that carry nothing.
struct Telegram {
    /// Names, in lower case, by which the speakers call each other.
    let names: Set<String>
    /// Tells whether words say anything of substance.
    let substance: Substance

    /// A word with the signs around it, and without.
    private struct Token {
        var text: Substring
        let key: String

        init(_ text: Substring) {
            self.text = text
            var core = text
            while let first = core.first, !first.isLetter, !first.isNumber { core.removeFirst() }
            while let last = core.last, !last.isLetter, !last.isNumber { core.removeLast() }
            key = core.lowercased().replacing("’", with: "'")
        }

        var ending: Character? {
            text.last.flatMap { ".!?,;:".contains($0) ? $0 : nil }
        }

        /// Whether it turns the meaning of what stands around it.
        var isNegation: Bool { WordList.negations.contains(key) || key.hasSuffix("n't") }

        /// Nothing but dashes.
        var isDash: Bool { text.allSatisfy { "-–—".contains($0) } }

        /// A dash, or the last word before a pause.
        var endsClause: Bool {
            isDash || ending == "," || ending == ";" || ending == ":"
        }
    }

    /// The sentence in fewer words; empty when none says anything.
    func shortened(_ sentence: String) -> String {
        var tokens = sentence.split(whereSeparator: \.isWhitespace).map(Token.init)
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
            let isAddress = names.contains(token.key) && token.ending != nil
            if isAddress { carry(token.ending, to: &kept) } else { kept.append(token) }
        }
        return kept
    }

    /// What ended the word that goes ends the one before it.
    private func carry(_ ending: Character?, to tokens: inout [Token]) {
        guard let ending, ".!?".contains(ending), var last = tokens.popLast() else { return }
        if let old = last.ending, old == "," { last.text.removeLast() }
        if last.ending == nil { last.text = Substring(last.text + String(ending)) }
        tokens.append(last)
    }

    private func withoutPhrases(_ tokens: [Token]) -> [Token] {
        var kept: [Token] = []
        var index = 0
        while index < tokens.count {
            let rest = tokens[index...]
            let phrase = WordList.emptyPhrases.first { phrase in
                rest.count >= phrase.count && zip(rest, phrase).allSatisfy { $0.key == $1 }
            }
            guard let phrase else {
                kept.append(tokens[index])
                index += 1
                continue
            }
            index += phrase.count
            carry(tokens[index - 1].ending, to: &kept)
        }
        return kept
    }

    /// Leaves out words like "hey" at the beginning, and a name that is called behind them.
    private func withoutOpening(_ tokens: [Token]) -> [Token] {
        let rest = tokens.drop { WordList.fillers.contains($0.key) || $0.key.isEmpty }
        guard rest.count < tokens.count, let first = rest.first, first.ending != nil,
            first.text.first?.isUppercase == true
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
            clause.contains { !names.contains($0.key) && substance.has($0.key) || $0.isNegation }
        }
        return telling.isEmpty ? tokens : telling.flatMap(\.self)
    }

    /// "This" of "this month" says when.
    private func isOfTime(_ tokens: [Token], _ index: Int) -> Bool {
        tokens[index].key == "this" && index + 1 < tokens.count
            && WordList.spans.contains(tokens[index + 1].key)
    }

    private func joined(_ tokens: [Token]) -> String {
        var kept: [Token] = []
        for (index, token) in tokens.enumerated() {
            if WordList.droppable.contains(token.key), !isOfTime(tokens, index) {
                carry(token.ending, to: &kept)
            } else if token.key == "and" {
                if !kept.isEmpty { kept.append(Token("&")) }
            } else if token.isDash {
                // A dash between what is left reads as a pause.
                if var last = kept.popLast() {
                    if last.ending == nil { last.text += "," }
                    kept.append(last)
                }
            } else {
                kept.append(token)
            }
        }
        while let last = kept.last, last.key.isEmpty { kept.removeLast() }
        let text = kept.map { String($0.text) }.joined(separator: " ")
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
