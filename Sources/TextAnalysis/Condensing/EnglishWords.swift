/// What kinds of English words tell about what a sentence is worth.
///
/// Sentences of other languages meet none of them, or nearly so.
enum EnglishWords {
    /// Words of people who speak of themselves: what they say of themselves is worth most.
    static let firstPerson = Set(
        words: "i my we our me mine us i'm i've i'd i'll we're we've we'd we'll myself ourselves"
    )
    /// Words that address the other: mostly praise, advice and wishes.
    static let secondPerson = Set(words: "you your you're you've you'd you'll yours yourself")

    /// Words that tell when.
    static let times = Set(
        words: """
            yesterday tomorrow today tonight week weeks month months year years weekend
            recently january february march april june july august
            september october november december monday tuesday wednesday thursday friday saturday
            sunday summer winter spring autumn fall birthday anniversary
            """
    )
    /// Numbers as words.
    static let numbers = Set(
        words: """
            two three four five six seven eight nine ten eleven twelve twenty hundred thousand
            once twice first second third
            """
    )
    /// Past forms that do not end in "ed".
    static let pastForms = Set(
        words: """
            went got made took saw did had was were came gave found felt met told said bought began
            started ran won lost taught read wrote built grew became left spent kept held brought
            fell sent signed broke chose drove flew forgot heard knew led paid sold slept spoke
            stood swam thought threw understood woke wore hurt quit
            """
    )
    /// What people ask one another about later: family, home, work, health, pastimes, plans.
    static let life = Set(
        words: """
            family mom mum mother dad father parents sister brother son daughter kid kids child
            children husband wife partner friend friends girlfriend boyfriend married wedding baby
            dog cat pet job work career boss school college university degree moved move live home
            house flat apartment city country grew born love loves hate favorite favourite enjoy
            hobby plan planning dream goal started joined bought won lost visited trip travel
            traveled vacation holiday book movie film song music game team class course volunteer
            project allergic health doctor hospital adopted named called
            """
    )
    /// How sentences begin that mostly only answer politely.
    static let politeOpenings = Set(
        words: """
            wow thanks thank sure yeah yep yup yes hey hi hello oh ok okay cool nice great awesome
            that's totally absolutely definitely glad good sounds congrats congratulations haha bye
            goodbye talk
            """
    )
}
