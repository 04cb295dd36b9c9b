/// English words that fill talk and name nothing: feelings that everybody has, praise, and verbs
/// and nouns that stand for any other.
enum BlandWords {
    /// Whether a stem is one of theirs.
    static func contains(stem: String) -> Bool {
        stems.contains(stem)
    }

    /// Whether a word judges or connects more than it names something, by its ending.
    static func isSoft(_ word: String) -> Bool {
        softEndings.contains { word.hasSuffix($0) }
    }

    private static let softEndings = ["ful", "able", "ible", "ly", "ence", "ance", "ous", "ive"]
    private static let stems: Set<String> = {
        let stemmer = Stemmer()
        let texts = [praise, feelings, verbs, nouns, adverbs]
        return Set(texts.flatMap { Set(words: $0).map(stemmer.stem) })
    }()

    private static let praise = """
        amazing awesome great incredible wonderful fantastic cool nice lovely beautiful gorgeous
        epic thrilling exciting inspiring special important powerful meaningful fun best better good
        bad perfect brilliant super sweet cute stunning impressive interesting fascinating
        intriguing delightful hard tough rough challenging difficult easy worth worthwhile rewarding
        fulfilling satisfying priceless unforgettable memorable magical surreal big little huge tiny
        new old own able real right true whole sure certain
        """
    private static let feelings = """
        excited inspired inspire proud happy glad grateful thankful enjoy enjoyed enjoying joy peace
        peaceful calm relaxed relaxing energized motivated motivating passionate supportive support
        pleased thrilled stoked pumped bummed sad sorry feel feels felt feeling feelings vibe vibes
        energy positive positivity determination determined dedication dedicated passion
        """
    private static let verbs = """
        think thought thinking know knowing knew see seeing look looks looking sound sounds hear
        heard say said tell talk talking chat mean means matter matters make makes making made get
        gets getting keep keeping kept give gives giving take takes taking go going come coming want
        wanted need needed let help helps helped helping try trying tried love loved loving like
        liked agree understand believe guess bet wonder wondering hope hoping wish stay staying grow
        growing learn change
        """
    private static let nouns = """
        thing things stuff something anything everything nothing someone anyone everyone way ways
        lot lots bit kind sort part time times day days moment moments life journey effort efforts
        progress growth blast wow thanks thank congrats congratulations kudos
        """
    private static let adverbs = """
        certainly definitely absolutely totally truly really well still even ever never always often
        sometimes usually maybe perhaps pretty quite rather such much many more most yeah yep yes
        okay ok hey hi hello bye haha lol oh ah aww alright anyway btw plus though actually
        basically literally honestly indeed especially exactly up down out
        """
}
