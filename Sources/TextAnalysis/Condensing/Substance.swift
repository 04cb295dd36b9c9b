/// Tells the words that say what a text is about from those of any conversation.
struct Substance {
    private let stemmer = Stemmer()

    private static let blandStems: Set<String> = {
        let stemmer = Stemmer()
        return Set(WordList.bland.map(stemmer.stem))
    }()

    /// Whether a word, in lower case and perhaps with an apostrophe, is of substance.
    func has(_ word: String) -> Bool {
        Words.queryTerms(of: word).contains { stem(of: $0) != nil }
    }

    /// The stems of the words of substance in a text, each once, in their order.
    func stems(in text: String) -> [String] {
        var seen: Set<String> = []
        return Words.queryTerms(of: text).compactMap(stem).filter { seen.insert($0).inserted }
    }

    private func stem(of word: String) -> String? {
        guard !StopWords.contains(word) else { return nil }
        let stem = stemmer.stem(word)
        return Self.blandStems.contains(stem) ? nil : stem
    }
}
