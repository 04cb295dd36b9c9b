/// A clause that may tell a fact: what stands between commas and before "and I".
struct FactClause {
    /// Its words: contractions in full, and without adverbs that change nothing ("just").
    let words: [Token]
    /// Whether a greeting stands before it.
    let followsGreeting: Bool
    /// What follows in the same sentence.
    let rest: ArraySlice<Token>

    /// Its first words, its first two words, and so on: what phrases are compared with.
    private let beginnings: [String]

    /// No phrase that is looked for has more words.
    private static let maximumPhraseWords = 7

    private init(words: [Token], followsGreeting: Bool, rest: ArraySlice<Token>) {
        self.words = words
        self.followsGreeting = followsGreeting
        self.rest = rest
        var beginnings: [String] = []
        for word in words.prefix(Self.maximumPhraseWords) {
            beginnings.append(beginnings.last.map { "\($0) \(word.core)" } ?? word.core)
            // A mark inside a phrase makes it another one.
            if word.endsPart { break }
        }
        self.beginnings = beginnings
    }

    /// What stands behind a phrase at the clause's beginning; nil when it begins otherwise.
    func after(_ phrase: String) -> ArraySlice<Token>? {
        beginnings.firstIndex(of: phrase).map { words.dropFirst($0 + 1) }
    }

    /// What stands behind the longest of some phrases that the clause begins with.
    func after(anyOf phrases: Set<String>) -> ArraySlice<Token>? {
        beginnings.lastIndex(where: phrases.contains).map { words.dropFirst($0 + 1) }
    }

    /// Whether it denies something without saying that it was so before.
    var deniesWithoutEnding: Bool {
        after("i don't") != nil && !contains(anyOf: ["anymore", "more", "longer"])
    }

    /// Whether one of some words stands in it.
    func contains(anyOf cores: Set<String>) -> Bool {
        words.contains { cores.contains($0.core) }
    }
}

extension FactClause {
    /// The clauses of a sentence; none of one that asks, supposes or tells what others said.
    static func clauses(of sentence: String) -> [FactClause] {
        guard !sentence.hasQuestion else { return [] }
        let tokens = Token.tokens(of: PlainLine.text(of: sentence)).flatMap(expanded)
        let cores = Set(tokens.map(\.core))
        guard !cores.isDisjoint(with: speakers), cores.isDisjoint(with: suppositions),
            !tokens.contains(where: isQuoted)
        else { return [] }
        var clauses: [FactClause] = []
        var start = 0
        for index in tokens.indices {
            let isLast = index == tokens.count - 1
            guard isLast || endsClause(tokens, at: index) else { continue }
            let words = withoutOpening(tokens[start...index])
            if !words.isEmpty {
                clauses.append(
                    FactClause(
                        words: words,
                        followsGreeting: greetings.contains(tokens[0].core),
                        rest: tokens[(index + 1)...]
                    )
                )
            }
            start = index + 1
        }
        return clauses
    }

    private static func endsClause(_ tokens: [Token], at index: Int) -> Bool {
        let token = tokens[index]
        if token.isDash || token.endsPart { return true }
        guard index + 2 < tokens.count else { return false }
        return conjunctions.contains(tokens[index + 1].core)
            && subjects.contains(tokens[index + 2].core)
    }

    private static func withoutOpening(_ words: ArraySlice<Token>) -> [Token] {
        let head = words.drop { openings.contains($0.core) || $0.core.isEmpty }
        return head.filter { !adverbs.contains($0.core) || $0.endsPart }
    }

    private static func expanded(_ token: Token) -> [Token] {
        if let words = contractions[token.core] {
            let tail = token.punctuation.map(String.init) ?? ""
            return words.split(separator: " ").map { Token($0) }.dropLast()
                + [Token((words.split(separator: " ").last ?? "") + tail)]
        }
        return [token]
    }

    private static func isQuoted(_ token: Token) -> Bool {
        token.text.contains { "\"“”«»".contains($0) }
    }

    /// With these in it, a sentence may tell what is not so, or what others said.
    private static let suppositions = Set(
        words: """
            if unless imagine suppose supposing pretend wish wished maybe perhaps would could might
            say says said told tells asked asks wrote writes sings sang lyrics character story
            dreamed dreamt hypothetically whether
            """
    )
    private static let speakers = Set(words: "i my me we our")
    private static let greetings = Set(words: "hi hello hey")
    private static let conjunctions = Set(words: "and but so because")
    private static let subjects = Set(words: "i my we our i'm i've we're we've")
    private static let openings = Set(
        words: """
            and but so because well oh hi hello hey yes yeah yep no actually also plus anyway
            fyi btw by the way as for me note that please remember
            """
    )
    private static let adverbs = Set(
        words: """
            just now currently recently also really actually still always absolutely finally
            originally basically truly simply definitely honestly obviously
            """
    )
    private static let contractions = [
        "i'm": "I am", "i've": "I have", "we're": "we are", "we've": "we have",
        "name's": "name is", "birthday's": "birthday is", "im": "I am",
    ]
}
