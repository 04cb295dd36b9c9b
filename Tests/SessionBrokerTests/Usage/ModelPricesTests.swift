import ContextStore
import JSON
import Testing

@testable import SessionBroker

@Suite struct ModelPricesTests {
    private func tokens(_ change: (inout UsageTokens) -> Void) -> UsageTokens {
        var tokens = UsageTokens()
        change(&tokens)
        return tokens
    }

    private func cost(
        _ model: String = "gpt-realtime-2.1",
        milliseconds: Int64 = 0,
        _ change: (inout UsageTokens) -> Void = { _ in }
    ) -> Int64? {
        ModelPrices.published.cost(
            of: tokens(change),
            milliseconds: milliseconds,
            model: model
        )
    }

    @Test func `a response costs what its tokens of each kind cost, cached ones less`() {
        // 100 text at $4, 400 cached at $0.40; 900 audio at $32, 100 cached at $0.40; 30 text at $24
        // and 200 audio at $64, all of a million.
        let amount = cost {
            $0.inputText = 500
            $0.cachedText = 400
            $0.inputAudio = 1_000
            $0.cachedAudio = 100
            $0.outputText = 30
            $0.outputAudio = 200
            $0.reasoning = 10
        }
        let expected: Int64 = 400_000 + 160_000 + 28_800_000 + 40_000 + 720_000 + 12_800_000
        #expect(amount == expected)
    }

    @Test(
        arguments: [
            ("gpt-live-transcribe", 60_000, 17_000_000), ("gpt-live-transcribe", 3_000, 850_000),
            ("gpt-realtime-whisper", 1, 283), ("gpt-transcribe", 60_000, 4_500_000),
        ] as [(String, Int64, Int64)]
    )
    func `audio that is paid by time costs by the millisecond`(
        model: String,
        milliseconds: Int64,
        expected: Int64
    ) {
        #expect(cost(model, milliseconds: milliseconds) == expected)
    }

    @Test func `small amounts are rounded once, at the end`() {
        let prices = ModelPrices(byModel: ["m": ModelPrice(inputText: 400_000, outputText: 400_000)]
        )
        let both = tokens { ($0.inputText, $0.outputText) = (1, 1) }
        #expect(prices.cost(of: both, milliseconds: 0, model: "m") == 1)
        let one = tokens { $0.inputText = 1 }
        #expect(prices.cost(of: one, milliseconds: 0, model: "m") == 0)
    }

    @Test func `large amounts do not overflow`() throws {
        let amount = cost { $0.outputAudio = 1_000_000_000_000 }
        #expect(amount == 64_000_000_000_000_000)
        // The dearest that a file may name, and the most that is recorded.
        let price = ModelPrice(minute: ModelPrices.dollars(1_000_000))
        #expect(price.cost(of: UsageTokens(), milliseconds: 1_000_000_000_000) == .max)
    }

    @Test func `what has no price has no cost, save when nothing was consumed`() {
        #expect(cost("some-model") { $0.inputText = 1 } == nil)
        #expect(cost("") { $0.outputAudio = 1 } == nil)
        #expect(cost("gpt-audio-1.5") { ($0.inputAudio, $0.cachedAudio) = (2, 1) } == nil)
        #expect(cost("gpt-realtime-2.1", milliseconds: 1) == nil)
        #expect(cost("gpt-live-transcribe") { $0.inputAudio = 1 } == nil)
        #expect(cost("some-model") == 0)
    }

    @Test(arguments: [
        ("gpt-realtime-2.1-2026-07-06", true), ("gpt-realtime-2.1-2026-7-6", false),
        ("gpt-realtime-2.1-preview", false), ("2026-07-06", false), ("x-2026-07-06", false),
    ])
    func `a dated snapshot costs what its model costs`(model: String, isKnown: Bool) {
        #expect((ModelPrices.published[model] != nil) == isKnown)
    }

    @Test func `a file's prices stand over the built-in ones, model by model`() throws {
        let file = #"""
            {"gpt-realtime-2.1": {"input_text": 1.5, "minute": 0.017}, "own": {"output_text": 0},
             "gpt-realtime-2": null}
            """#
        let prices = try ModelPrices.published.merging(Array(file.utf8))
        let expected = ModelPrice(inputText: 1_500_000_000, minute: 17_000_000)
        #expect(prices["gpt-realtime-2.1"] == expected)
        #expect(prices["own"] == ModelPrice(outputText: 0))
        #expect(prices["gpt-realtime-2"] == nil)
        #expect(prices["gpt-transcribe"] == ModelPrices.published["gpt-transcribe"])
    }

    @Test(
        arguments: [
            ("[]", nil), ("{", nil), (#"{"m": 1}"#, "m"),
            (#"{"m": {"input_text": "1"}}"#, "m.input_text"),
            (#"{"m": {"input_text": -1}}"#, "m.input_text"), (#"{"m": {"input": 1}}"#, "m.input"),
        ] as [(String, String?)]
    )
    func `a file that is wrong is refused, naming what is`(file: String, param: String?) {
        let error = #expect(throws: JSONError.self) {
            try ModelPrices.published.merging(Array(file.utf8))
        }
        #expect(error?.param == param)
    }

    @Test func `a setting names the file`() throws {
        try withTemporaryDirectory { folder in
            let path = folder + "/prices.json"
            try writeFile(#"{"own": {"input_text": 2}}"#, to: path)
            let settings = ["BROKER_MODEL_PRICES": path]
            let prices = try Configuration(settings: settings).modelPrices
            #expect(prices["own"] == ModelPrice(inputText: 2_000_000_000))
            #expect(try Configuration(settings: [:]).modelPrices == .published)
            try writeFile(#"{"own": 1}"#, to: path)
            for wrong in [settings, ["BROKER_MODEL_PRICES": folder + "/none.json"]] {
                let error = #expect(throws: ConfigurationError.self) {
                    try Configuration(settings: wrong)
                }
                #expect(error?.description.contains("BROKER_MODEL_PRICES") == true)
            }
        }
    }

    @Test(
        arguments: [
            (0, "0.00"), (1, "0.000000001"), (10_000_000, "0.01"), (1_500_000_000, "1.50"),
            (1_234_567_890, "1.23456789"), (-250_000_000, "-0.25"),
            (Int64.max, "9223372036.854775807"),
        ] as [(Int64, String)]
    )
    func `dollars are written exactly`(nanodollars: Int64, expected: String) {
        #expect(DollarText.make(nanodollars: nanodollars) == expected)
    }
}
