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
        let inOrder = ranking.indices.sorted { ranking[$0].order < ranking[$1].order }
        let dateBytes = ranking.map { DateText.full($0.day).utf8.count }
        // More sentences never take less, so the most that fit are found by halving.
        var fitting = 0
        var tooMany = ranking.count + 1
        while tooMany - fitting > 1 {
            let middle = (fitting + tooMany) / 2
            let best = inOrder.lazy.filter { $0 < middle }
            if Self.measure(of: best, ranking, dateBytes).tokens <= tokens {
                fitting = middle
            } else {
                tooMany = middle
            }
        }
        self.init(
            lines: Self.lines(of: inOrder.filter { $0 < fitting }.map { ranking[$0] }),
            sentenceCount: fitting
        )
    }

    private static func lines(of sentences: [CondenserCandidate]) -> [String] {
        var lines: [String] = []
        var last: CondenserCandidate?
        for sentence in sentences {
            if last?.session != sentence.session {
                lines.append("> " + DateText.full(sentence.day))
                last = nil
            }
            let mark = last?.speaker == sentence.speaker ? " " : mark(sentence.speaker)
            lines[lines.count - 1] += mark + quoted(sentence.text)
            last = sentence
        }
        return lines
    }

    /// What the lines of some sentences would measure, without making them.
    private static func measure(
        of sentences: some Sequence<Int>,
        _ ranking: [CondenserCandidate],
        _ dateBytes: [Int]
    ) -> TextMeasure {
        var measure = TextMeasure()
        var session: Int?
        var speaker: Speaker?
        for index in sentences {
            if session != ranking[index].session {
                // The sign, the date and the line break.
                measure = measure + TextMeasure(bytes: 2 + dateBytes[index] + 1, words: 4)
                speaker = nil
            }
            let isSame = speaker == ranking[index].speaker
            measure = measure + TextMeasure(bytes: isSame ? 1 : 4, words: isSame ? 0 : 1)
            measure = measure + ranking[index].measure
            (session, speaker) = (ranking[index].session, ranking[index].speaker)
        }
        return measure
    }

    private static func mark(_ speaker: Speaker) -> String {
        speaker == .user ? " U: " : " A: "
    }

    /// The text without anything that reads like a change of speaker.
    private static func quoted(_ text: String) -> String {
        // Most have no colon at all, which is quick to see.
        guard text.utf8.contains(UInt8(ascii: ":")) else { return text }
        return text.replacing("U:", with: "U;").replacing("A:", with: "A;")
    }
}
