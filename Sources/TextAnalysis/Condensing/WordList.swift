/// English words by what they tell of a sentence; hand-made, of the general language.
enum WordList {
    /// Words that a note can do without, the way a telegram does.
    ///
    /// What carries a meaning stays: my, not, never, before, after, with, from, if, when, will.
    static let droppable = Set(
        words: """
            the a an is are was were be been being am have has had do does did that this these those it
            its it's to of so very really just too also well then there here some such quite pretty
            totally definitely absolutely super truly actually basically literally kinda sorta gonna can
            i i'm i've you're that's there's we're they're it'll i'd wow yeah yep hey oh ah haha lol
            thanks thank as at in on into about much lot lots bit for you your who which what how where
            while get got getting always ever often usually all any every each both again amazing
            awesome great incredible wonderful fantastic cool nice lovely
            """
    )

    /// Words that open a sentence and say nothing.
    static let fillers = Set(
        words: """
            wow hey hi hello oh yeah yes yep thanks thank sure totally absolutely definitely haha aw aww
            cool nice great awesome well so and but anyway btw
            """
    )

    /// Openings of sentences that mostly answer the other's words, not tell something new.
    static let openings = Set(
        words: """
            wow thanks thank sure yeah yep yes hey hi oh ok okay cool nice great awesome that's totally
            absolutely definitely no glad good sounds congrats haha bye take see talk
            """
    )

    static let negations = Set(words: "no not never none neither nor nobody nothing cannot without")
    static let firstPerson = Set(
        words: "i my we our me mine us i'm i've i'd i'll we're we've we'll"
    )
    static let secondPerson = Set(words: "you your you're you've yours you'll")

    static let times = Set(
        words: """
            yesterday today tomorrow week month year weekend ago last next since recently january
            february march april may june july august september october november december monday tuesday
            wednesday thursday friday saturday sunday summer winter spring fall birthday anniversary days
            weeks months years morning
            """
    )

    static let spans = Set(
        words:
            "morning afternoon evening week weekend month year spring summer autumn fall winter time"
    )

    /// What people tell of their lives, and expect to be remembered.
    static let life = Set(
        words: """
            family mom mother dad father sister brother son daughter kid kids child children husband wife
            partner friend friends girlfriend boyfriend married wedding dog cat pet job work career
            school college university degree moved move live home house city country grew born love loves
            favorite favourite enjoy hobby plan planning dream goal started joined bought won lost
            visited trip travel traveled vacation book movie song game team class volunteer project
            allergic health doctor hospital adopted named called
            """
    )

    static let irregularPasts = Set(
        words: """
            went got made took saw did had was were came gave found felt met told said bought began
            started ran won lost taught read wrote built grew became left spent kept held brought fell
            sent signed
            """
    )

    static let numbers = Set(
        words:
            "two three four five six seven eight nine ten once twice first second third"
    )

    /// Words of opinion and small talk: frequent in any conversation, and seldom what is asked
    /// for later.
    static let bland = Set(
        words: """
            amazing awesome great incredible wonderful fantastic cool nice lovely beautiful gorgeous epic
            thrilling exciting excited inspiring inspired inspire proud happy glad grateful thankful
            special important powerful meaningful fun enjoy enjoyed enjoying joy peace peaceful calm
            relaxed relaxing energized motivated motivating passionate supportive support journey best
            better good bad perfect brilliant super sweet cute stunning impressive interesting
            fascinating intriguing delightful pleased thrilled stoked pumped bummed sad sorry hard tough
            rough challenging difficult easy worth worthwhile rewarding fulfilling satisfying priceless
            unforgettable memorable magical surreal blast wow thanks thank congrats congratulations kudos
            hope hoping wish sure certain certainly definitely absolutely totally truly really thing
            things stuff something anything everything nothing someone anyone everyone way ways lot lots
            bit kind sort part time times day days moment moments life feel feels felt feeling feelings
            think thought thinking know knowing knew see seeing look looks looking sound sounds hear
            heard say said tell talk talking chat mean means matter matters make makes making made get
            gets getting keep keeping kept give gives giving take takes taking go going come coming want
            wanted need needed let help helps helped helping try trying tried love loved loving like
            liked agree understand believe guess bet wonder wondering well still even ever never always
            often sometimes usually maybe perhaps pretty quite rather such much many more most little big
            huge tiny new old own able real right true whole yeah yep yes okay ok hey hi hello bye haha
            lol oh ah aww alright anyway btw plus though actually basically literally honestly indeed
            especially exactly up down out stay staying vibe vibes energy positive positivity
            determination determined dedication dedicated passion effort efforts progress grow growing
            growth learn change
            """
    )

    /// Phrases that say nothing, as their words.
    static let emptyPhrases: [[String]] = [
        "a lot of", "lots of", "kind of", "sort of", "you know", "i think", "i feel like",
        "i guess",
        "i mean", "i believe", "as well", "at all", "of course", "right now", "these days",
        "in fact", "to be honest", "by the way", "for sure", "no doubt", "such as", "at the moment",
        "when it comes to", "i have to say", "i must say", "i'm so glad", "i'm glad",
    ].map { $0.split(separator: " ").map(String.init) }
}
