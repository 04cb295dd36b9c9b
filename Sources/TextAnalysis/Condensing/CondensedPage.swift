/// A condensed history as it is printed: one line for each session, with its date and who spoke.
public struct CondensedPage: Sendable, Equatable {
    /// Its lines; each begins with `> `.
    public let lines: [String]
    /// How many sentences are in them.
    public let sentenceCount: Int

    /// How many sessions those are from.
    public var sessionCount: Int { lines.count }

    /// A page with nothing on it.
    public static let empty = CondensedPage(lines: [], sentenceCount: 0)

    private init(lines: [String], sentenceCount: Int) {
        self.lines = lines
        self.sentenceCount = sentenceCount
    }

    /// The best sentences of a ranking that fit, in the order of time.
    ///
    /// - Parameters:
    ///   - ranking: Best first.
    ///   - tokens: How many tokens the lines may have, line breaks included.
    public init(of ranking: [CondenserCandidate], tokens: Int) {
        // More sentences never take less, so the most that fit are found by halving.
        var fitting = 0
        var tooMany = ranking.count + 1
        while tooMany - fitting > 1 {
            let middle = (fitting + tooMany) / 2
            if Self.measure(of: ranking[..<middle]).tokens <= tokens {
                fitting = middle
            } else {
                tooMany = middle
            }
        }
        self.init(
            lines: Self.lines(of: ranking[..<fitting]),
            sentenceCount: fitting
        )
    }

    private static func inOrder(_ sentences: ArraySlice<CondenserCandidate>) -> [Int] {
        sentences.indices.sorted { sentences[$0].order < sentences[$1].order }
    }

    private static func lines(of sentences: ArraySlice<CondenserCandidate>) -> [String] {
        var lines: [String] = []
        var last: CondenserCandidate?
        for index in inOrder(sentences) {
            let sentence = sentences[index]
            if last?.session != sentence.session {
                lines.append("> " + DateText.day(sentence.day))
                last = nil
            }
            let mark = last?.speaker == sentence.speaker ? " " : mark(sentence.speaker)
            lines[lines.count - 1] += mark + quoted(sentence.text)
            last = sentence
        }
        return lines
    }

    /// What the lines would measure, without making them.
    private static func measure(of sentences: ArraySlice<CondenserCandidate>) -> TextMeasure {
        var measure = TextMeasure()
        var last: CondenserCandidate?
        for index in inOrder(sentences) {
            let sentence = sentences[index]
            if last?.session != sentence.session {
                // The sign, the date and the line break.
                let date = DateText.day(sentence.day).utf8.count
                measure = measure + TextMeasure(bytes: 2 + date + 1, words: 4)
                last = nil
            }
            let isSame = last?.speaker == sentence.speaker
            measure = measure + TextMeasure(bytes: isSame ? 1 : 4, words: isSame ? 0 : 1)
            measure = measure + sentence.measure
            last = sentence
        }
        return measure
    }

    private static func mark(_ speaker: Speaker) -> String {
        speaker == .user ? " U: " : " A: "
    }

    /// The text without anything that reads like a change of speaker.
    private static func quoted(_ text: String) -> String {
        guard text.contains("U:") || text.contains("A:") else { return text }
        return text.replacing("U:", with: "U;").replacing("A:", with: "A;")
    }
}
