import ContextStore
import JSON
import Testing
import Transcript

@testable import SessionBroker

@Suite struct UsageMeterTests {
    private let meter = UsageMeter(
        session: IdentifierGenerator().make(),
        upstream: [
            "model": "gpt-realtime-2.1",
            "audio": ["input": ["transcription": ["model": "gpt-live-transcribe"]]],
        ],
        prices: .published
    )

    /// What is recorded of an event as it came over the wire.
    private func usage(of event: JSONValue) throws -> [NewUsage] {
        var reader = RealtimeEventReader()
        var reducer = TranscriptReducer()
        var all: [NewUsage] = []
        for event in reader.read(event, from: .server) {
            for case .recordUsage(let usage) in reducer.reduce(event, at: .zero) {
                all.append(meter.usage(usage))
            }
        }
        return all
    }

    @Test func `a response's event becomes what is recorded of it`() throws {
        // The Realtime reference, 8.3.
        let found = try usage(of: [
            "type": "response.done", "event_id": "event_1",
            "response": [
                "object": "realtime.response", "id": "resp_1", "status": "completed",
                "output": [],
                "usage": [
                    "total_tokens": 254, "input_tokens": 140, "output_tokens": 114,
                    "input_token_details": [
                        "text_tokens": 89, "audio_tokens": 51, "image_tokens": 0,
                        "cached_tokens": 64,
                        "cached_tokens_details": [
                            "text_tokens": 64, "audio_tokens": 0, "image_tokens": 0,
                        ],
                    ],
                    "output_token_details": [
                        "text_tokens": 54, "audio_tokens": 60, "reasoning_tokens": 27,
                    ],
                ],
            ],
        ])
        let new = try #require(found.first)
        #expect(found.count == 1 && new.sessionID == meter.session)
        #expect(new.source == .response && new.sourceID == "resp_1")
        #expect(new.model == "gpt-realtime-2.1" && new.status == "completed")
        #expect(new.tokens.inputText == 89 && new.tokens.inputAudio == 51)
        #expect(new.tokens.cachedText == 64 && new.tokens.cachedAudio == 0)
        #expect(new.tokens.outputText == 54 && new.tokens.outputAudio == 60)
        #expect(new.tokens.reasoning == 27 && new.milliseconds == 0)
        // 25 · $4 + 64 · $0.40 + 51 · $32 + 54 · $24 + 60 · $64, of a million.
        let expected: Int64 = 100_000 + 25_600 + 1_632_000 + 1_296_000 + 3_840_000
        #expect(new.costNanodollars == expected)
    }

    private func make(_ usage: TokenUsage, item: String? = nil) -> NewUsage {
        meter.usage(
            TranscriptUsage(
                source: item.map { .transcription(itemID: $0) } ?? .response(id: "r", .cancelled),
                usage: usage
            )
        )
    }

    @Test func `a transcript is the other model's, paid by time`() {
        var usage = TokenUsage()
        usage.seconds = 3
        let new = make(usage, item: "item_1")
        #expect(new.source == .transcription && new.sourceID == "item_1")
        #expect(new.model == "gpt-live-transcribe" && new.status == nil)
        #expect(new.milliseconds == 3_000 && new.costNanodollars == 850_000)
    }

    @Test func `tokens whose kind is not told count as text`() {
        var usage = TokenUsage()
        usage.input.total = 20
        usage.input.audio = 17
        usage.output.total = 9
        usage.cached.total = 2
        let tokens = make(usage).tokens
        #expect(tokens.inputText == 3 && tokens.inputAudio == 17)
        #expect(tokens.outputText == 9 && tokens.cachedText == 2)
    }

    @Test func `more cannot be cached or thought than there was`() {
        var usage = TokenUsage()
        usage.input.total = 10
        usage.input.audio = 4
        usage.cached.total = 100
        usage.cached.audio = 50
        usage.output.total = 5
        usage.output.reasoning = 50
        let tokens = make(usage).tokens
        #expect(tokens.cachedAudio == 4 && tokens.cachedText == 6 && tokens.reasoning == 5)
    }

    @Test(arguments: [Double.nan, .infinity, -1, 1e300, 0])
    func `wrong numbers stay within bounds`(seconds: Double) {
        var usage = TokenUsage()
        usage.input.total = .max
        usage.output.total = .min
        usage.seconds = seconds
        let new = make(usage)
        #expect(new.tokens.inputText == 1_000_000_000 && new.tokens.outputText == 0)
        #expect((0...1_000_000_000).contains(new.milliseconds))
    }

    @Test func `a session without models has usage without prices`() {
        let meter = UsageMeter(session: meter.session, upstream: [:], prices: .published)
        var usage = TokenUsage()
        usage.input.total = 1
        let new = meter.usage(TranscriptUsage(source: .response(id: "r", nil), usage: usage))
        #expect(new.model.isEmpty && new.costNanodollars == nil)
    }
}
