internal import TextAnalysis

/// Finds where the words that are looked for stand in a text.
struct MatchFinder {
    /// Once something was found, the text beyond so many bytes is not read.
    private static let maximumText = 4_000
    /// Nor are more than so many bytes of words that have other letters than ASCII's, which take
    /// longer.
    private static let maximumUnicode = 40_000

    let matcher: TermMatcher

    /// The places of the words, in order; of a script without spaces, of pairs of characters.
    func matches(in text: String) -> [Range<String.Index>] {
        var found: [Range<String.Index>] = []
        var run = Run()
        var unicodeLeft = Self.maximumUnicode
        func endRun(_ end: Int) {
            if run.isASCII {
                guard matcher.mayMatch(run.first, run.second) else { return }
                let range = Self.range(run.start..<end, in: text)
                if matcher.matches(text[range].lowercased()) { found.append(range) }
            } else if unicodeLeft > 0 {
                let end = min(end, run.start + unicodeLeft)
                unicodeLeft -= end - run.start
                let range = Self.range(run.start..<end, in: text)
                found += unicodeMatches(
                    in: text[range.lowerBound..<text.scalarStart(range.upperBound)]
                )
            }
        }
        for (offset, byte) in text.utf8.enumerated() {
            if run.takes(byte, at: offset) { continue }
            if run.start < offset { endRun(offset) }
            if offset > Self.maximumText, !found.isEmpty { return found }
            run = Run(start: offset + 1)
        }
        let end = text.utf8.count
        if run.start < end { endRun(end) }
        return found
    }

    private static func range(_ offsets: Range<Int>, in text: String) -> Range<String.Index> {
        let start = text.utf8.index(text.startIndex, offsetBy: offsets.lowerBound)
        return start..<text.utf8.index(start, offsetBy: offsets.count)
    }

    private func unicodeMatches(in text: Substring) -> [Range<String.Index>] {
        text.split { !$0.isLetter && !$0.isNumber }.flatMap(matches(inWord:))
    }

    /// Matches within what stands between spaces and signs: one word, or many of a script without
    /// spaces.
    private func matches(inWord word: Substring) -> [Range<String.Index>] {
        let terms = Words.queryTerms(of: word)
        if terms.count == 1 {
            return terms.contains(where: matcher.matches) ? [word.startIndex..<word.endIndex] : []
        }
        var found: [Range<String.Index>] = []
        for start in word.indices.dropLast() {
            let end = word.index(start, offsetBy: 2)
            guard Words.queryTerms(of: word[start..<end]).contains(where: matcher.matches) else {
                continue
            }
            if let last = found.last, last.upperBound >= start {
                found[found.count - 1] = last.lowerBound..<end
            } else {
                found.append(start..<end)
            }
        }
        return found
    }
}

extension String {
    /// The place itself, or the beginning of the Unicode scalar that it is within.
    fileprivate func scalarStart(_ place: Index) -> Index {
        var place = place
        while place < endIndex, utf8[place] & 0xC0 == 0x80 { place = utf8.index(before: place) }
        return place
    }
}

/// Bytes one after the other that are letters or digits, or part of any other character.
private struct Run {
    var start = 0
    private(set) var isASCII = true
    /// Its first two bytes, in lower case.
    private(set) var first: UInt8 = 0
    private(set) var second: UInt8 = 0

    /// Whether a byte belongs to it.
    mutating func takes(_ byte: UInt8, at offset: Int) -> Bool {
        var byte = byte
        switch byte {
        case 0x30...0x39, 0x61...0x7A: break
        case 0x41...0x5A: byte += 0x20
        case 0x80...: isASCII = false
        default: return false
        }
        if offset == start { first = byte }
        if offset == start + 1 { second = byte }
        return true
    }
}
