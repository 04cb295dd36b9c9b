import Testing

@testable import SessionBroker

@Suite struct SummarySettingsTests {
    @Test func `no model writes summaries unless one is named`() throws {
        #expect(try Configuration(settings: [:]).summaries == nil)
        #expect(try Configuration(settings: ["BROKER_SUMMARY_MODEL": "off"]).summaries == nil)
        let named = try Configuration(settings: ["BROKER_SUMMARY_MODEL": "gpt-x"]).summaries
        #expect(
            named
                == SummaryConfiguration(
                    model: "gpt-x",
                    tokensPerDay: 2_000_000,
                    requestsPerMinute: 60
                )
        )
    }

    @Test(arguments: [
        ("BROKER_SUMMARY_TOKENS_PER_DAY", "15999"), ("BROKER_SUMMARY_TOKENS_PER_DAY", "many"),
        ("BROKER_SUMMARY_REQUESTS_PER_MINUTE", "0"),
    ])
    func `a budget that allows no request is refused`(_ name: String, _ value: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(settings: [name: value])
        }
        #expect(error?.description.hasPrefix(name) == true)
    }
}
