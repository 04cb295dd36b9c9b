/// English words that say nothing of what a text is about.
public enum StopWords {
    /// Whether a word, in lower case, is one; the parts of contractions ("don", "ll") are too.
    public static func contains(_ word: String) -> Bool {
        words.contains(word)
    }

    private static let words: Set<String> = Set(
        """
        a about after again all also am an and any are as at be because been before being but by can
        could d did didn do does doesn doing don down during each few for from further get got had
        hadn has hasn have haven having he her here hers herself him himself his how i if in into is
        isn it its itself just let like ll m may me might more most much must my myself no nor not
        now o of off oh on once only or other our ours ourselves out over own per re s same shall
        she should shouldn so some such t tell than that the their theirs them themselves then there
        these they this those through to too under until up us ve very was wasn we were weren what
        when where whether which while who whom whose why will with won would wouldn yes yet you
        your yours yourself yourselves
        """.split { $0 == " " || $0 == "\n" }.map(String.init)
    )
}
