/// Shortens the sentences of one message and values them.
struct SentenceReader {
    private let dates: RelativeDates
    private let information: InformationWords
    private let telegraph: Telegraph

    init(day: CalendarDay) {
        dates = RelativeDates(saidOn: day)
        information = InformationWords()
        telegraph = Telegraph(information: information)
    }

    /// A question that waits for its answer.
    struct Question {
        /// It in few words, to stand before an answer that is not clear alone; nil when it is long.
        let reminder: String?
    }

    /// A longer question is not put before its answer.
    private static let maximumReminderTokens = 8
    /// An answer with as many words that say something is clear alone.
    private static let clearWords = 3

    /// The last question in a text.
    func question(in text: String) -> Question? {
        let sentences = SentenceSplitter.sentences(of: text, limit: 50)
        guard let last = sentences.last(where: \.hasQuestion) else { return nil }
        let words = telegraph.withoutAddress(Token.tokens(of: PlainLine.text(of: last)))
        let line = Self.line(telegraph.shortened(Array(words)))
        guard !information.words(of: line).isEmpty,
            TokenEstimate.tokens(in: line) <= Self.maximumReminderTokens
        else { return Question(reminder: nil) }
        return Question(reminder: line)
    }

    /// A part of a message, shortened and valued; nil when it says nothing.
    func sentence(
        _ part: [Token],
        question: Question?,
        isFirst: Bool
    ) -> AnalyzedSentence? {
        let opening = part.first?.core ?? ""
        let words = telegraph.withoutAddress(part)
        let isPast = SentenceFeatures(words).isPast
        let explained = dates.explained(Array(words), isPast: isPast)
        let features = SentenceFeatures(explained[...])
        let short = Self.line(Self.cut(telegraph.shortened(explained)))
        let telling = information.words(of: short)
        let condensed = joined(
            short,
            part,
            to: isFirst ? question : nil,
            telling: telling.count
        )
        guard let condensed else { return nil }
        let worth = features.worth(answers: question != nil, opening: opening)
        let marks = (condensed == short ? telling : information.words(of: condensed))
            .map(WordMark.init)
        return AnalyzedSentence(
            condensed: condensed,
            worth: Int((worth * 100).rounded()),
            rank: Condenser.expectedRank(
                worth: worth,
                marks: marks,
                tokens: TokenEstimate.tokens(in: condensed)
            ),
            marks: marks
        )
    }

    /// An answer too short to be clear, behind what was asked; nil for what says nothing.
    private func joined(
        _ short: String,
        _ part: [Token],
        to question: Question?,
        telling count: Int
    ) -> String? {
        guard let reminder = question?.reminder, count < Self.clearWords else {
            return count == 0 && short.allSatisfy({ !$0.isNumber }) ? nil : short
        }
        let first = part.first?.core ?? ""
        if Self.decisions.contains(first) {
            let rest = count == 0 ? "" : " " + short
            return "(\(reminder)) \(Self.agreements.contains(first) ? "Yes." : "No.")\(rest)"
        }
        return count == 0 ? nil : "(\(reminder)) \(short)"
    }

    /// The words up to the number of tokens that a sentence may have.
    private static func cut(_ tokens: [Token]) -> [Token] {
        var sum = 0.0
        let limit = Double(SentenceAnalyzer.maximumTokens)
        let kept = tokens.prefix { token in
            sum += SentencePieces.share(of: token.text[...])
            return sum <= limit
        }
        guard kept.isEmpty, let first = tokens.first else { return Array(kept) }
        // One endless word; of emoji, each may be some tokens.
        let length = first.text.unicodeScalars.allSatisfy { $0.value < 0x0590 } ? 160 : 36
        return [Token(first.text.prefix(length))]
    }

    private static func line(_ tokens: [Token]) -> String {
        tokens.map(\.text).joined(separator: " ")
    }

    private static let agreements = Set(words: "yes yeah yep yup")
    private static let decisions = agreements.union(Set(words: "no nope nah"))
}
