/// The English words that a telegram leaves out.
enum TelegraphWords {
    /// Sentences begin with them for politeness alone.
    static let openings = Set(
        words: """
            wow hey hi hello oh ah yeah yes yep yup thanks haha aww aw btw anyway well so and but also
            plus actually okay ok congrats
            """
    )
    /// A name behind one of these is that of the other speaker.
    static let greetings = Set(words: "hey hi hello thanks thank wow congrats aw aww haha")
    /// As ``openings``, where a mark follows: "Great, …" but not "Great Britain".
    static let closedOpenings = Set(
        words: "sure totally absolutely definitely cool nice great awesome exactly true right"
    )
    /// As ``openings``, of several words.
    static let longOpenings = [
        "thank you", "of course", "by the way", "guess what", "you know", "i mean", "i think",
        "i guess", "no worries", "no problem", "for sure",
    ].map { $0.split(separator: " ").map(String.init) }

    /// Clauses begin with them.
    static let conjunctions = Set(words: "and but so which because while since though cause")

    /// Before "of", they say nothing: "a lot of".
    static let measures = Set(words: "lot lots bunch kind sort type")
    /// Before "to", they add little to the verb behind: "going to", "able to".
    static let auxiliaries = Set(words: "going able have has had got get getting")

    /// Articles, forms of "be", "have", "do" and "will", prepositions that the words around imply,
    /// pronouns for things, and adverbs of degree.
    static let dropped = Set(
        words: """
            the a an is are was were be been being am have has had do does did that this these those
            it its it's to of as at in on into about than then there here will would could can shall
            should might i i'm i've i'll i'd you've that's there's we're they're it'll we've they've
            he's she's you're who which and they them you us we me him her he she again all any around own same
            so very really just too some such quite pretty totally definitely absolutely super
            truly actually basically literally honestly kinda sorta gonna much lot lots bit even
            still ever always simply highly extremely especially certainly completely incredibly
            seriously wow yeah yep hey oh ah haha lol thanks thank
            """
    )
    /// Praise that is given to anything.
    static let droppedPraise = Set(
        words: """
            amazing awesome great incredible wonderful fantastic cool nice lovely gorgeous epic
            perfect brilliant sweet stunning impressive interesting fascinating good special also
            well
            """
    )
}
