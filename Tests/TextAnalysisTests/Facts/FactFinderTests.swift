import Testing
import TextAnalysis

@Suite struct FactFinderTests {
    /// Wednesday, 2027-06-02.
    private let today = CalendarDay(number: 20_971)

    private func facts(_ text: String) -> [FoundFact] {
        FactFinder().facts(in: text, saidOn: today)
    }

    @Test(arguments: [
        ("My name is Nora.", "Name: Nora"),
        ("Hi, I'm Nora!", "Name: Nora"),
        ("You can call me Nora Lind", "Name: Nora Lind"),
        ("I just moved to New Plymouth last year.", "Lives in New Plymouth"),
        ("Well, I live in the Faroe Islands now.", "Lives in the Faroe Islands"),
        ("I’m from Turku, actually.", "From Turku"),
        ("I work as a marine biologist at a lab.", "Works as marine biologist"),
        ("I'm a nurse and I work nights.", "Works as nurse"),
        ("I work for Lindqvist Shipping.", "Works for Lindqvist Shipping"),
        ("I'm retired.", "Retired"),
        ("My wife's name is Ana.", "Wife: Ana"),
        ("Yesterday my youngest daughter Mira swam a mile.", "Daughter: Mira"),
        ("My dog is called Rex.", "Dog: Rex"),
        ("We have a cat named Pixel.", "Cat: Pixel"),
        ("My husband, Olav, bakes.", "Husband: Olav"),
        ("I have two sons.", "Has two sons"),
        ("I'm married to a sailor.", "Married"),
        ("My birthday is on the 7th of May.", "Birthday: 7th May"),
        ("My birthday is tomorrow!", "Birthday: 3 June"),
        ("I was born in 1984.", "Born in 1984"),
        ("I'm 34 years old.", "34 years old"),
        ("I'm allergic to peanuts.", "Allergic to peanuts"),
        ("I was diagnosed with asthma last spring.", "Has asthma"),
        ("I'm vegan.", "Vegan"),
        ("My favourite colour is dark green.", "Favourite colour: dark green"),
        ("I really love sea kayaking.", "Likes sea kayaking"),
        ("I can't stand olives", "Dislikes olives"),
        ("I prefer tea to coffee.", "Prefers tea"),
    ])
    func `what users say of themselves is found`(text: String, fact: String) {
        let found = facts(text)
        #expect(found.map(\.text).contains(fact))
        #expect(found.allSatisfy { !$0.hasEnded })
    }

    @Test(arguments: [
        ("I used to live in Bergen.", "Lives in Bergen"),
        ("I don't live in Bergen anymore.", "Lives in Bergen"),
        ("I lived in Bergen for two years.", "Lives in Bergen"),
        ("I no longer work for Lindqvist.", "Works for Lindqvist"),
        ("I was a teacher back then.", "Works as teacher"),
        ("I used to love olives.", "Likes olives"),
        ("I don't like olives anymore.", "Likes olives"),
        ("I'm no longer allergic to milk.", "Allergic to milk"),
        ("I'm not vegan anymore.", "Vegan"),
        ("My dog Rex died in March.", "Dog: Rex"),
    ])
    func `what is said to be over has ended`(text: String, fact: String) {
        let found = facts(text)
        #expect(found.map(\.text) == [fact])
        #expect(found.allSatisfy { $0.hasEnded })
    }

    @Test(arguments: [
        "Do I live in Bergen?", "If I lived in Bergen, I'd sail.", "I wish I lived in Bergen.",
        "She said I live in Bergen.", "\"I live in Bergen\" is a song.", "I don't work as a nurse.",
        "I don't live in Bergen.", "I don't work for Acme.",
        "I would love peanuts.", "Maybe I live in Bergen.", "Imagine I am a pilot.",
        "I'm a bit tired.", "I'm Spanish.", "Hi, I'm Spanish.", "Call me Monday evening.",
        "Call me later.", "I live in a small house.", "I like your idea.", "I love it!",
        "I love you.", "My sister lives in Bergen.", "You live in Bergen.", "I moved on.",
        "I have a headache coming.", "My birthday is a sad day.", "I'm not allergic to nuts.",
        "My mom Sunday cooks.", "I'm 7 minutes late.", "Ich wohne in Bergen.", "",
    ])
    func `what is asked, supposed, quoted or vague is no fact`(text: String) {
        #expect(facts(text).isEmpty)
    }

    @Test func `a move tells of both places`() {
        let found = facts("We moved from Turku to Bergen, and I love the rain.")
        #expect(found.map(\.text) == ["Lives in Turku", "Lives in Bergen", "Likes rain"])
        #expect(found.map(\.hasEnded) == [true, false, false])
    }

    @Test func `only one value of a name, place, job or liking holds`() {
        let single = facts("My name is Nora. I live in Turku. I work as a cook. I love tea.")
        #expect(single.count == 4)
        #expect(single.allSatisfy { $0.isSingle })
        let several = facts("My son Olav called. I'm allergic to nuts.")
        #expect(several.count == 2)
        #expect(several.allSatisfy { !$0.isSingle })
    }

    @Test func `a change of mind has the same key`() {
        let before = facts("I love Olives.")
        let after = facts("I hate olives.")
        #expect(before.map(\.key) == ["olives"] && after.map(\.key) == ["olives"])
        #expect(before.map(\.value) == ["likes"] && after.map(\.value) == ["dislikes"])
    }

    @Test func `a fact said twice in a message is found once`() {
        #expect(facts("I live in Turku. Yes, I live in Turku!").count == 1)
    }

    @Test func `an endless message is read up to its bound`() {
        let text = String(repeating: "I live in Turku. ", count: 200) + "I live in Bergen."
        #expect(facts(text).map(\.value) == ["Turku"])
    }
}
