/// The words of a text, as they are searched for: in lower case and without accents.
///
/// A word is a run of letters, marks and digits, by the properties that Unicode gives them. Scripts
/// that put no spaces between words (Chinese, Japanese, Korean, Thai …) are cut into pairs of
/// characters instead, so that any two that stand together are found; an emoji is a word.
public enum Words {
    /// A word longer than this many characters is cut, so that no term of an index is unbounded.
    public static let maximumLength = 64

    /// The terms under which a text is found.
    ///
    /// Each run of a script without spaces ends with its last character alone, so that every
    /// single character begins some term.
    public static func indexTerms(of text: some StringProtocol) -> [String] {
        terms(of: text, endsRuns: true)
    }

    /// The words that a query looks for, in their order; may repeat.
    ///
    /// A single character of a script without spaces stays alone: look for terms that begin with
    /// it.
    public static func queryTerms(of text: some StringProtocol) -> [String] {
        terms(of: text, endsRuns: false)
    }

    /// Whether a term is one character of a script without spaces.
    public static func isSingleDenseCharacter(_ term: String) -> Bool {
        term.count == 1 && term.unicodeScalars.first.map(Script.isDense) == true
    }

    private static func terms(of text: some StringProtocol, endsRuns: Bool) -> [String] {
        var reader = TermReader(endsRuns: endsRuns)
        for character in text { reader.read(character) }
        return reader.finish()
    }
}

/// Cuts characters into terms, one at a time.
private struct TermReader {
    let endsRuns: Bool
    private var terms: [String] = []
    private var word = ""
    private var length = 0
    private var isPlain = true
    /// Characters of a script without spaces.
    private var run: [String] = []

    init(endsRuns: Bool) {
        self.endsRuns = endsRuns
    }

    mutating func read(_ character: Character) {
        if let ascii = character.asciiValue {
            readASCII(ascii)
        } else {
            readOther(character)
        }
    }

    mutating func finish() -> [String] {
        endWord()
        endRun()
        return terms
    }

    private mutating func readASCII(_ value: UInt8) {
        switch value {
        case 0x30...0x39, 0x61...0x7A: append(Unicode.Scalar(value))
        case 0x41...0x5A: append(Unicode.Scalar(value + 0x20))
        default:
            endWord()
            endRun()
        }
    }

    private mutating func readOther(_ character: Character) {
        guard let scalar = character.unicodeScalars.first else { return }
        let kept = character.wordScalars
        if Script.isDense(scalar), !kept.isEmpty {
            endWord()
            run.append(String(String.UnicodeScalarView(kept)).lowercased())
        } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
            isPlain = false
            append(kept)
        } else {
            endWord()
            endRun()
            if scalar.properties.isEmojiPresentation || scalar.properties.isEmoji {
                terms.append("emoji" + String(scalar.value, radix: 16))
            }
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        endRun()
        length += 1
        if length <= Words.maximumLength { word.unicodeScalars.append(scalar) }
    }

    private mutating func append(_ character: [Unicode.Scalar]) {
        endRun()
        length += 1
        if length <= Words.maximumLength { word.unicodeScalars.append(contentsOf: character) }
    }

    private mutating func endWord() {
        guard length > 0 else { return }
        terms.append(isPlain ? word : Folding.folded(word))
        word = ""
        length = 0
        isPlain = true
    }

    private mutating func endRun() {
        guard let last = run.last else { return }
        for (first, second) in zip(run, run.dropFirst()) {
            terms.append(first + second)
        }
        if endsRuns || run.count == 1 { terms.append(last) }
        run.removeAll(keepingCapacity: true)
    }
}

extension Character {
    /// What of it belongs to a word: letters, marks and digits.
    ///
    /// Of others there may be some in it too: a sign that Unicode has stand before a letter takes
    /// whatever follows, a quotation mark say (UAX 29, GB9b).
    fileprivate var wordScalars: [Unicode.Scalar] {
        unicodeScalars.filter { scalar in
            if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                return true
            }
            return switch scalar.properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark: true
            default: false
            }
        }
    }
}
