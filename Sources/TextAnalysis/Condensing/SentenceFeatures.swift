/// What a sentence is worth keeping, by its own words alone, and why.
///
/// Weights are hand-set, in hundredths; each says by how much such a sentence is more, or less,
/// likely to tell something that is asked for later.
struct SentenceFeatures {
    /// Nothing speaks for it yet.
    private static let base = -20
    /// It tells of the speaker, or of those with them.
    private static let firstPerson = 50
    /// Each name in it (two count) or quoted title.
    private static let name = 120
    private static let number = 50
    /// It says when.
    private static let time = 120
    /// It tells what happened.
    private static let past = 80
    /// Each word of family, home, work and plans (three count).
    private static let life = 40
    /// It answers a question.
    private static let answer = 70
    /// It speaks of the other one.
    private static let secondPerson = -80
    private static let question = -160
    /// It opens with a courtesy.
    private static let courtesy = -70
    /// It ends its message, which mostly hands over to the other one.
    private static let closing = -40

    /// The worth of a sentence in hundredths.
    ///
    /// - Parameters:
    ///   - sentence: Its text.
    ///   - names: Names of the speakers, in lower case, which tell nothing.
    ///   - isAnswer: Whether the message before it asked something.
    ///   - isLast: Whether it ends its message.
    /// - Returns: The sum of what speaks for it and against it.
    static func worth(
        of sentence: String,
        names: Set<String>,
        isAnswer: Bool,
        isLast: Bool
    ) -> Int {
        let words = Token.tokens(of: sentence).filter { !$0.core.isEmpty }
        var worth = base
        func has(_ list: Set<String>) -> Bool { words.contains { list.contains($0.core) } }
        if has(WordList.firstPerson) { worth += firstPerson }
        if has(WordList.secondPerson) { worth += secondPerson }
        let named = words.dropFirst().count { $0.isName && !names.contains($0.stem) }
        let quotes = sentence.contains { $0 == "\"" || $0 == "“" || $0 == "「" } ? 1 : 0
        worth += name * (min(named, 2) + quotes)
        let hasDigit = sentence.contains(where: \.isNumber)
        if hasDigit || has(WordList.numbers) { worth += number }
        if words.contains(where: { WordList.times.contains($0.stem) }) { worth += time }
        if words.contains(where: \.isPast) { worth += past }
        let life = Set(words.map(\.stem)).count { WordList.life.contains($0) }
        worth += Self.life * min(life, 3)
        if isAnswer { worth += answer }
        if sentence.last == "?" || sentence.last == "？" { worth += question }
        if let first = words.first, WordList.openings.contains(first.core) { worth += courtesy }
        if isLast { worth += closing }
        return worth
    }
}

extension Token {
    fileprivate var isName: Bool { isCapitalized && !WordList.firstPerson.contains(core) }

    fileprivate var isPast: Bool {
        WordList.irregularPasts.contains(core) || core.count > 4 && core.hasSuffix("ed")
    }
}
