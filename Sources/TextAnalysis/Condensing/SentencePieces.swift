/// Cuts sentences of scripts beyond Latin, Greek and Cyrillic into pieces that are short enough to
/// be kept.
///
/// Many of these scripts mark no end of a sentence, or have none in what was only heard: what
/// stands behind the first few words would else be lost. Other texts stay as they are.
public enum SentencePieces {
    /// The pieces of a sentence in their order; itself where it is short, or of other scripts.
    ///
    /// They end behind a comma or its like, else at a space, else within a word that is too long.
    ///
    /// - Parameters:
    ///   - sentence: Any text.
    ///   - limit: How many at most; what is left over goes unread.
    /// - Returns: The pieces.
    public static func pieces(of sentence: String, limit: Int = .max) -> [String] {
        guard Script.isBeyondLatin(sentence), share(of: sentence[...]) > maximumShare else {
            return [sentence]
        }
        var reader = PieceReader(limit: limit)
        for word in sentence.split(whereSeparator: \.isWhitespace) {
            guard reader.hasRoom else { break }
            reader.read(word)
        }
        return reader.finish()
    }

    /// So much of a sentence's bound is a piece's.
    static let maximumShare = Double(SentenceAnalyzer.maximumTokens)

    /// What a word adds to the length of a sentence: as many tokens as it likely has where it is of
    /// another script, so that as much may be said in one as in English.
    static func share(of word: Substring) -> Double {
        guard Script.isBeyondLatin(word) else { return TokenEstimate.share(of: word) }
        return TextMeasure(word).likelyTokens + space
    }

    /// What the space before a word adds.
    static let space = 0.25
}

/// Joins words until a piece is full.
private struct PieceReader {
    private struct Unit {
        let text: Substring
        let share: Double
        let hasSpace: Bool
    }

    let limit: Int
    private var pieces: [String] = []
    private var units: [Unit] = []
    private var share = 0.0

    init(limit: Int) {
        self.limit = limit
    }

    var hasRoom: Bool { pieces.count < limit }

    mutating func read(_ word: Substring) {
        var hasSpace = true
        for part in Self.clauses(of: word).flatMap(Self.parts) {
            append(Unit(text: part, share: SentencePieces.share(of: part), hasSpace: hasSpace))
            hasSpace = false
        }
    }

    mutating func finish() -> [String] {
        end(units.count)
        return Array(pieces.prefix(limit))
    }

    private mutating func append(_ unit: Unit) {
        if share + unit.share > SentencePieces.maximumShare, !units.isEmpty {
            // A clause that is not too short ends the piece; the rest begins the next one.
            let clause = units.lastIndex { $0.text.last.map(Self.marks.contains) == true }
            let isLong = clause.map { $0 + 1 > units.count / 2 } ?? false
            end(isLong ? (clause ?? 0) + 1 : units.count)
            if share + unit.share > SentencePieces.maximumShare { end(units.count) }
        }
        units.append(unit)
        share += unit.share
    }

    private mutating func end(_ count: Int) {
        guard count > 0 else { return }
        var piece = ""
        for unit in units.prefix(count) {
            piece += (unit.hasSpace && !piece.isEmpty ? " " : "") + unit.text
        }
        pieces.append(piece)
        units.removeFirst(count)
        share = units.reduce(0) { $0 + $1.share }
    }

    /// What stands between the commas of a script that puts no space behind them.
    private static func clauses(of word: Substring) -> [Substring] {
        var clauses: [Substring] = []
        var rest = word
        while let mark = rest.firstIndex(where: marks.contains) {
            let end = rest.index(after: mark)
            clauses.append(rest[..<end])
            rest = rest[end...]
        }
        return rest.isEmpty ? clauses : clauses + [rest]
    }

    /// A run of characters without spaces, in parts that are short enough.
    private static func parts(of run: Substring) -> [Substring] {
        guard SentencePieces.share(of: run) > SentencePieces.maximumShare else { return [run] }
        let limit = SentencePieces.maximumShare - SentencePieces.space
        var parts: [Substring] = []
        var start = run.startIndex
        var measure = TextMeasure()
        for index in run.indices {
            let next = measure + TextMeasure(String(run[index]))
            if next.likelyTokens > limit, index > start {
                parts.append(run[start..<index])
                start = index
                measure = TextMeasure(String(run[index]))
            } else {
                measure = next
            }
            measure.words = 1
        }
        return parts + [run[start...]]
    }

    /// What ends a clause.
    private static let marks: Set<Character> = [
        ",", ";", ":", "，", "、", "；", "：", "،", "؛", "։", "፣", "፤",
    ]
}
