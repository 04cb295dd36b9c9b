import Testing

@testable import TextAnalysis

@Suite struct TelegramTests {
    private func shortened(_ text: String, names: Set<String> = []) -> String {
        Telegram(names: names, substance: Substance()).shortened(text)
    }

    @Test(arguments: [
        ("I moved to the city of Lyon with my sister.", "moved city Lyon with my sister."),
        ("I have never been to Rome, and I won't go.", "never Rome, & won't go."),
        ("Wow, that's really amazing!", ""),
        ("Thanks, Ana! I bought a red bicycle.", "bought red bicycle."),
        ("Yeah - by the way, we adopted a dog", "we adopted dog"),
        ("I would like tea before dinner, not after.", "would like tea before dinner, not after."),
        ("Going to the conference this month.", "Going conference this month."),
        ("tea & biscuits", "tea & biscuits"),
        ("私は東京に住んでいます。", "私は東京に住んでいます。"), ("", ""),
    ])
    func `a sentence loses what carries nothing, and keeps what does`(
        text: String,
        expected: String
    ) {
        #expect(shortened(text) == expected)
    }

    @Test func `the names by which people call each other go, others stay`() {
        #expect(shortened("Well done, Bo!", names: ["bo"]) == "done!")
        #expect(
            shortened("My brother Bo plays chess.", names: ["bo"]) == "My brother Bo plays chess."
        )
        #expect(shortened("I visited Paris, Rome.") == "visited Paris, Rome.")
    }
}
