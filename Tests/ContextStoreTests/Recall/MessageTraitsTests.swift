import TextAnalysis
import Testing

@testable import ContextStore

@Suite struct MessageTraitsTests {
    private func traits(_ text: String) -> MessageTraits {
        MessageTraits(terms: Words.indexTerms(of: text), content: text)
    }

    @Test(arguments: [
        "", "I went to Oslo with Ana yesterday.", "Do you like it?", "Three of us, Ben and Eve.",
        "We did [shares a photo]", "猫が好きですか？", String(repeating: "like Ana and Bo ", count: 400),
    ])
    func `what is stored is what was seen`(_ text: String) {
        #expect(MessageTraits(stored: traits(text).stored) == traits(text))
    }

    @Test func `each trait is told by itself`() {
        #expect(traits("I swim.").isFirstPerson)
        #expect(traits("You swim.").isSecondPerson)
        #expect(traits("Swimming next Monday.").hasTimeWord)
        #expect(traits("Swims 30 lanes.").hasNumber)
        #expect(traits("Swims? [shares a pool]").isQuestion)
        #expect(traits("Swims with Ana and Bo Li.").nameCount == 3)
        #expect(traits(String(repeating: "like Ana ", count: 400)).nameCount == 255)
        let plain = traits("Swimming is fine.")
        #expect(plain == MessageTraits(stored: 0))
    }
}
