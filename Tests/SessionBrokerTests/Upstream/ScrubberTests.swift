import JSON
import Testing

@testable import SessionBroker

@Suite struct ScrubberTests {
    private static let key = "sk-proj-AbCdEf0123456789_xyz-QRSTUVWX"

    @Test(
        arguments: [
            (
                "Incorrect API key provided: sk-proj-****1234. You can find it.",
                "Incorrect API key provided: <redacted>. You can find it."
            ),
            ("key sk-abc", "key <redacted>"),
            ("key=SK-ABC;", "key=<redacted>;"),
            ("(ek_68af296e8e408191a1120ab6383263c2)", "(<redacted>)"),
            ("masked: sk-pr...wxyz.", "masked: <redacted>."),
            ("masked: sk-pr…wxyz and ****wxyz", "masked: <redacted> and <redacted>"),
            ("masked: sk-••••••••", "masked: <redacted>"),
            ("Bearer abc123def", "Bearer <redacted>"),
            ("bearer\tabcdefghijklmnopqrst, x", "bearer\t<redacted>, x"),
            ("Basic dXNlcjpwYXNz0 x", "Basic <redacted> x"),
            ("Authorization: Custom a b c\nnext", "Authorization: <redacted>\nnext"),
            (#"{"authorization": "Token x"}"#, #"{"authorization": "<redacted>"}"#),
            ("secret bs_1", "secret <redacted>"),
        ]
    )
    func `what looks like a credential is taken out`(text: String, expected: String) {
        #expect(Scrubber(keys: []).scrub(text) == expected)
    }

    @Test(arguments: [
        "", "sk-", "Unknown parameter: 'session.voice'.", "a risk-free task-list, this week_day",
        "Missing bearer or basic authentication in header", "**bold** text", "sess_0123456789",
        "No authorization was given.", "gpt-realtime-2.1 and item_0123456789abcdef",
    ])
    func `ordinary words stay`(text: String) {
        #expect(Scrubber(keys: []).scrub(text) == text)
    }

    @Test func `the known key goes wherever it stands, whole or in part`() throws {
        let scrubber = Scrubber(keys: [try #require(UpstreamKey(Self.key))])
        #expect(scrubber.scrub("x\(Self.key)y") == "x<redacted>y")
        #expect(scrubber.scrub("ends 9_xyz-QRSTUVWX!") == "ends <redacted>!")
        #expect(scrubber.scrub("inside aEf012345b") == "inside a<redacted>b")
    }

    private static let told: JSONValue = [
        "code": "invalid_api_key", "message": "Incorrect API key provided: sk-proj-****1234.",
    ]
    private static let clean: JSONValue = [
        "code": "invalid_api_key", "message": "Incorrect API key provided: <redacted>.",
    ]

    @Test(
        arguments: [
            ("error", ["error": told], ["error": clean]),
            (
                "conversation.item.input_audio_transcription.failed",
                ["error": told, "item_id": "item_1"], ["error": clean, "item_id": "item_1"]
            ),
            (
                "response.done",
                ["response": ["output": ["say sk-abc"], "status_details": ["error": told]]],
                ["response": ["output": ["say sk-abc"], "status_details": ["error": clean]]]
            ),
        ] as [(String, JSONObject, JSONObject)]
    )
    func `an event's error is scrubbed, and what was said stays`(
        type: String,
        event: JSONObject,
        expected: JSONObject
    ) {
        #expect(Scrubber(keys: []).scrub(type, event) == expected)
        #expect(Scrubber(keys: []).scrub(type, expected) == nil)
        #expect(Scrubber(keys: []).scrub("conversation.item.done", event) == nil)
    }

    @Test func `a key shorter than a fragment goes as a whole`() throws {
        let scrubber = Scrubber(keys: [try #require(UpstreamKey("hunter2"))])
        #expect(scrubber.scrub("my hunter2.") == "my <redacted>.")
        #expect(scrubber.scrub("my hunter") == "my hunter")
    }

    @Test(arguments: 0..<50)
    func `no run of 8 bytes of any key survives in any text`(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let alphabet = Array("ab-_0Z".utf8)
        let length = Int.random(in: 8...60, using: &random)
        let key = randomBytes(length, of: alphabet, using: &random)
        let text = (0..<20).flatMap { _ -> [UInt8] in
            let start = Int.random(in: 0..<length, using: &random)
            let end = Int.random(in: start...length, using: &random)
            return Array(key[start..<end])
                + randomBytes(Int.random(in: 0..<4, using: &random), of: alphabet, using: &random)
        }
        let upstreamKey = try #require(UpstreamKey(String(decoding: key, as: UTF8.self)))
        let scrubber = Scrubber(keys: [upstreamKey])
        let scrubbed = scrubber.scrub(String(decoding: text, as: UTF8.self))
        for start in 0...(length - 8) {
            let fragment = String(decoding: key[start..<start + 8], as: UTF8.self)
            #expect(!scrubbed.contains(fragment))
        }
    }

    private func randomBytes(
        _ count: Int,
        of alphabet: [UInt8],
        using random: inout SplitMix
    ) -> [UInt8] {
        (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
    }
}

/// A small random number generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
