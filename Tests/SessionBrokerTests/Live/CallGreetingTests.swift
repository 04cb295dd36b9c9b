import JSON
import Testing

@testable import SessionBroker

struct CallGreetingTests {
    private func greeted(_ events: [(String, JSONValue)]) -> [String] {
        var greeting = CallGreeting()
        greeting.begin()
        greeting.note("conversation.item.added", ["item": ["id": "item_1", "role": "assistant"]])
        for (type, event) in events { greeting.note(type, event) }
        return greeting.unheardItems
    }

    @Test func `what is said while nobody is there is unheard`() {
        #expect(greeted([]) == ["item_1"])
        let other: JSONValue = ["item": ["id": "item_2", "role": "assistant"]]
        #expect(greeted([("conversation.item.added", other)]) == ["item_1", "item_2"])
        #expect(greeted([("response.done", [:])]) == ["item_1"])
    }

    @Test(arguments: [
        "output_audio_buffer.started", "input_audio_buffer.speech_started",
        "input_audio_buffer.committed",
    ])
    func `who is heard or hears is there`(type: String) {
        #expect(greeted([(type, [:])]) == [])
    }

    @Test func `who writes is there, and what is said then is heard`() {
        let typed: JSONValue = ["item": ["id": "item_2", "role": "user"]]
        let answer: JSONValue = ["item": ["id": "item_3", "role": "assistant"]]
        let events = [("conversation.item.added", typed), ("conversation.item.added", answer)]
        #expect(greeted(events) == [])
    }

    @Test func `without a greeting nothing is unheard`() {
        var greeting = CallGreeting()
        greeting.note("conversation.item.added", ["item": ["id": "item_1", "role": "assistant"]])
        #expect(greeting.unheardItems == [])
    }
}
