internal import JSON

/// What a response is said to have cost; estimated, since nothing is really tokenised here.
struct Usage: Sendable, Equatable {
    var inputText = 0
    var inputAudio = 0
    var cachedText = 0
    var outputText = 0
    var outputAudio = 0
    var reasoning: Int?

    var input: Int { inputText + inputAudio }
    var output: Int { outputText + outputAudio }

    /// About four bytes of English make a token.
    static func tokens(_ text: String) -> Int { (text.utf8.count + 3) / 4 }
    /// Upstream counts a user's audio by 100 ms, an assistant's by 50 ms.
    static func userAudioTokens(ms: Int) -> Int { (ms + 99) / 100 }
    static func assistantAudioTokens(ms: Int) -> Int { (ms + 49) / 50 }

    /// What a response has to read: its instructions, its tools and all items, with their frames.
    init(instructions: String, tools: [Tool], items: [ConversationItem]) {
        inputText = Self.tokens(instructions) + 3
        for tool in tools { inputText += Self.tokens(tool.json.text) }
        for item in items {
            inputText += Self.tokens(item.text) + 4
            inputAudio +=
                item.role == .assistant
                ? Self.assistantAudioTokens(ms: item.audioMs)
                : Self.userAudioTokens(ms: item.audioMs)
        }
    }

    /// Nothing at all, as a failed response reports.
    init() {}

    var json: JSONValue {
        var output: JSONObject = [
            "text_tokens": .integer(Int64(outputText + (reasoning ?? 0))),
            "audio_tokens": .integer(Int64(outputAudio)),
        ]
        if let reasoning { output["reasoning_tokens"] = .integer(Int64(reasoning)) }
        return [
            "total_tokens": .integer(Int64(input + self.output + (reasoning ?? 0))),
            "input_tokens": .integer(Int64(input)),
            "output_tokens": .integer(Int64(self.output + (reasoning ?? 0))),
            "input_token_details": [
                "text_tokens": .integer(Int64(inputText)),
                "audio_tokens": .integer(Int64(inputAudio)),
                "image_tokens": 0,
                "cached_tokens": .integer(Int64(cachedText)),
                "cached_tokens_details": [
                    "text_tokens": .integer(Int64(cachedText)), "audio_tokens": 0,
                    "image_tokens": 0,
                ],
            ],
            "output_token_details": .object(output),
        ]
    }
}
