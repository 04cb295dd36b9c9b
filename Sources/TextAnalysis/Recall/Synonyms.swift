/// English words that people use for one another when they ask about what was said.
///
/// Small and hand-made of everyday words; words of other languages have none.
public enum Synonyms {
    /// A word that may stand for another.
    public struct Substitute: Sendable, Equatable {
        /// The word, in lower case.
        public let word: String
        /// How well it fits: 1 for a word of like meaning, 0.7 for an example of a kind.
        public let weight: Double
    }

    /// What may stand for words with a stem (``Stemmer``), in alphabetical order.
    public static func substitutes(forStem stem: String) -> [Substitute] {
        table[stem] ?? []
    }

    private static let table: [String: [Substitute]] = {
        let stemmer = Stemmer()
        var found: [String: [String: Double]] = [:]
        func add(_ word: String, _ other: String, _ weight: Double) {
            let stem = stemmer.stem(word)
            guard stemmer.stem(other) != stem else { return }
            found[stem, default: [:]][other] = max(found[stem]?[other] ?? 0, weight)
        }
        for line in alike.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            for word in words { for other in words { add(word, other, 1) } }
        }
        for line in kinds.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            for example in words.dropFirst() { add(words[0], example, 0.7) }
        }
        return found.mapValues { words in
            words.map { Substitute(word: $0.key, weight: $0.value) }.sorted { $0.word < $1.word }
        }
    }()

    /// Each line holds words that stand for one another.
    private static let alike = """
        child kid son daughter children kids toddler baby
        parent mom mother dad father mum parents
        grandparent grandma grandmother grandpa grandfather
        sibling brother sister
        spouse husband wife partner
        marry wedding married marriage engaged
        girlfriend boyfriend partner dating
        friend buddy pal mate
        coworker colleague teammate
        job career work occupation profession employment
        boss manager supervisor
        company firm business startup employer
        movie film
        book novel read reading author
        song music tune track album
        picture photo image photograph
        painting paint draw drawing art artwork sketch
        car vehicle automobile auto
        doctor physician doc
        hospital clinic
        sick ill illness disease
        hurt injury injured accident
        trip travel journey vacation holiday tour getaway
        travel visit went
        house home apartment flat
        dog puppy pup
        cat kitten kitty
        pet dog cat puppy kitten
        buy bought purchase purchased
        gift present gave
        begin start began started
        finish end complete completed
        happy glad excited joy thrilled
        sad upset unhappy
        angry mad
        afraid scared fear
        nervous anxious worried worry
        stress stressed pressure
        relax unwind calm chill destress
        exercise workout gym fitness training
        hike hiking trail
        run running jog race marathon
        health healthy diet
        eat food meal dish dinner lunch
        cook cooking recipe bake baking
        drink beverage
        teach teacher taught class
        learn study studied lesson
        school college university
        education degree study course
        win won victory
        lose lost
        competition contest tournament championship
        team club squad
        game gaming play
        big large huge
        small little tiny
        famous popular wellknown
        beautiful pretty gorgeous
        old ancient
        fast quick
        smart clever intelligent
        talk chat conversation discuss spoke
        tell told say said mention
        suggest recommend advise advice suggestion recommendation tip
        inspire inspiration motivate motivation
        support help encourage
        volunteer volunteering charity
        charity donate donation fundraiser nonprofit
        money financial fund cash
        church faith religion religious
        goal aim dream plan ambition
        hobby interest pastime activity
        favorite love best
        hate dislike
        celebrate celebration party
        birthday anniversary
        festival fair concert event
        beach ocean sea coast
        mountain mountains peak
        forest woods nature
        garden gardening plants flowers
        city town
        country abroad nation
        near close nearby
        meaning significance
        name named called
        challenge difficult struggle obstacle hard problem
        reaction react response respond
        decide decision chose choose
        attend attended went
        create made make build built
        repair fix
        break broke broken damaged
        move moved relocate
        move moving
        grow grew
        get receive received
        camp camping
        swim swimming pool
        phone call cell
        computer laptop pc
        program programming code coding software app application
        write writing wrote story
        instrument guitar piano violin
        sport basketball football soccer
        vet veterinarian
        die died passed death loss
        memory remember reminder
        proud pride
        opportunity chance
        skill ability talent
        improve better improvement
        clothes outfit dress wear
        shoes sneakers boots
        color colour
        type kind sort
        often frequently regularly
        recently lately
        weather rain snow storm
        promote promotion
        important value matter
        purpose reason
        advice tips
        award prize trophy recognition
        interview internship
        project assignment
        store shop
        restaurant cafe diner bar
        barbecue bbq grill
        like love enjoy
        symbol represent stand mean
        jewelry ring necklace earring bracelet
        candy sweets chocolate
        therapy therapist counselor psychologist
        army military soldier
        election vote politics
        flu cold fever cough
        salary pay wage
        rent lease landlord
        train railway station
        plane flight airport
        luggage suitcase baggage
        passport visa
        lawyer attorney
        police cop
        neighbor neighbour
        teenager teen
        wine beer
        couch sofa
        kitchen oven stove
        debt loan mortgage
        taxes tax
        exam test quiz
        homework assignment
        password login
        email mail message
        meeting appointment
        allergy allergic
        pregnant pregnancy
        """

    /// Each line holds a kind and examples of it, which are found by the kind but not the reverse.
    private static let kinds = """
        family kids son daughter wife husband mom dad mother father brother sister parents children
        relative aunt uncle cousin grandma grandpa mom dad brother sister nephew niece
        animal dog cat puppy kitten horse bird fish turtle
        pet turtle hamster rabbit bird fish
        food pizza cake soup salad pasta chicken cookies bread ice cream chocolate
        dessert cake pie cookies ice cream chocolate
        sport basketball football soccer tennis baseball surfing skiing swimming
        instrument guitar piano violin drums clarinet flute
        hobby painting hiking reading cooking gardening photography gaming dancing writing
        activity hiking swimming camping painting yoga pottery museum dancing
        outdoor hike hiking camping park kayaking
        country england france spain italy germany canada japan mexico europe ireland sweden india
        state california texas florida oregon washington york
        city york london paris chicago boston seattle toronto tokyo berlin
        european england france spain italy germany london paris ireland
        genre fantasy mystery romance thriller fiction sci
        art painting pottery sculpture drawing dance
        exercise yoga running weights swimming hiking
        vehicle car truck bike motorcycle
        emotion happy sad excited nervous proud grateful
        transport car bus train bike
        holiday christmas thanksgiving easter halloween
        plant flower tree herb
        vegetable carrot tomato potato onion broccoli
        fruit apple banana orange berry mango
        meat beef pork chicken lamb
        drink coffee tea water juice wine beer
        language english spanish french german italian chinese japanese
        weekend saturday sunday
        """
}
