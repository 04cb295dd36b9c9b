internal import ContextStore
internal import JSON
internal import TextAnalysis

/// The session as upstream gets it: every field that matters is sent, none is left to a default that
/// depends on the model (reference, 1 and 15.9).
struct UpstreamSession: Sendable {
    /// Upstream's session object; the memory block is not in it yet.
    private(set) var fields: JSONObject
    /// The tools as the caller gave them or the agent has them, with what is the broker's alone, and
    /// the broker's own.
    private(set) var tools: [JSONValue]

    /// Puts the layers over each other: defaults, agent, shorthands, raw session fields.
    init(_ request: SessionRequest, agent: Agent?, defaults: SessionDefaults) {
        var raw = request.session
        raw["type"] = nil
        // A transcription session has no model to call any.
        tools =
            request.kind == .realtime
            ? raw["tools"]?.arrayValue ?? request.tools ?? agent?.settings.tools ?? [] : []
        let base =
            request.kind == .realtime
            ? Self.realtime(request, agent, defaults) : Self.transcription(defaults)
        fields = Self.layered(raw, over: base)
        if !tools.isEmpty { fields["tools"] = .array(tools.map(Self.withoutBrokerFields)) }
        completeTranscription(defaults)
        if request.kind == .transcription { leaveTurnsToClient(unless: raw) }
    }

    /// Offers the `recall` tool to the model, unless the caller has a tool of that name or lets
    /// the model call none.
    ///
    /// Returns whether it is offered.
    mutating func offerRecall() -> Bool {
        guard !RecallTool.isNamed(in: tools), fields["tool_choice"] != "none" else { return false }
        tools.append(RecallTool.definition)
        fields["tools"] = .array((fields["tools"]?.arrayValue ?? []) + [RecallTool.definition])
        return true
    }

    /// Instructions as the caller, the agent or the settings have them.
    var instructions: String {
        get { fields["instructions"]?.stringValue ?? "" }
        set { fields["instructions"] = .string(newValue) }
    }

    /// The model; nil for a transcription session.
    var model: String? { fields["model"]?.stringValue }

    /// The voice's name or id.
    var voice: String? {
        let voice = fields["audio"]?["output"]?["voice"]
        return voice?.stringValue ?? voice?["id"]?.stringValue
    }

    /// The tools that the broker calls by a webhook, as upstream gets them.
    func tools(calledBy webhooks: ToolWebhooks) -> [JSONValue] {
        tools.filter { tool in tool["name"]?.stringValue.map { webhooks[$0] != nil } ?? false }
            .map(Self.withoutBrokerFields)
    }

    /// What the tools take of the model's context.
    var toolTokens: Int { Self.toolTokens(of: fields) }

    /// What the tools in an upstream session object take of the model's context.
    static func toolTokens(of fields: JSONObject) -> Int {
        guard let tools = fields["tools"], tools.arrayValue?.isEmpty == false else { return 0 }
        return TokenEstimate.tokens(in: tools.text)
    }

    private static func realtime(
        _ request: SessionRequest,
        _ agent: Agent?,
        _ defaults: SessionDefaults
    ) -> JSONObject {
        let voice =
            request.voice ?? agent?.settings.voice.map(JSONValue.string) ?? .string(defaults.voice)
        return [
            "type": "realtime",
            "model": .string(request.model ?? agent?.settings.model ?? defaults.model),
            "output_modalities": ["audio"],
            "instructions": .string(
                request.instructions ?? agent?.settings.instructions ?? defaults.instructions
            ),
            "audio": [
                "input": .object(input(defaults)),
                "output": ["format": pcm, "voice": voice],
            ],
            "tools": [],
            "tool_choice": request.toolChoice ?? agent?.settings.toolChoice ?? "auto",
        ]
    }

    private static func transcription(_ defaults: SessionDefaults) -> JSONObject {
        ["type": "transcription", "audio": ["input": .object(input(defaults))]]
    }

    private static let pcm: JSONValue = ["type": "audio/pcm", "rate": 24_000]

    private static func input(_ defaults: SessionDefaults) -> JSONObject {
        [
            "format": pcm,
            "transcription": ["model": .string(defaults.transcriptionModel)],
            "turn_detection": [
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": 500,
                "create_response": true,
                "interrupt_response": true,
            ],
        ]
    }

    /// Raw fields over the base: `audio`, `audio.input` and `audio.output` merge, because a caller
    /// who sets one of their fields wants the others as they are; all else is replaced whole,
    /// because the fields of one kind of turn detection are wrong in another.
    private static func layered(_ raw: JSONObject, over base: JSONObject) -> JSONObject {
        var merged = base.merging(raw)
        guard let rawAudio = raw["audio"]?.objectValue, let audio = base["audio"]?.objectValue
        else { return merged }
        var mergedAudio = audio.merging(rawAudio)
        for direction in ["input", "output"] {
            guard let own = rawAudio[direction]?.objectValue,
                let under = audio[direction]?.objectValue
            else { continue }
            mergedAudio[direction] = .object(under.merging(own))
        }
        merged["audio"] = .object(mergedAudio)
        return merged
    }

    /// A transcription that only names, say, a language still needs a model upstream.
    private mutating func completeTranscription(_ defaults: SessionDefaults) {
        changeInput { input in
            guard var transcription = input["transcription"]?.objectValue,
                transcription["model"] == nil
            else { return }
            transcription["model"] = .string(defaults.transcriptionModel)
            input["transcription"] = .object(transcription)
        }
    }

    /// Where upstream finds no turns, the client commits them, unless it asks for something else.
    private mutating func leaveTurnsToClient(unless raw: JSONObject) {
        guard raw["audio"]?["input"]?["turn_detection"] == nil else { return }
        changeInput { input in
            guard let model = input["transcription"]?["model"]?.stringValue,
                !TranscriptionModel.findsTurns(model)
            else { return }
            input["turn_detection"] = .null
        }
    }

    private mutating func changeInput(_ change: (inout JSONObject) -> Void) {
        guard var audio = fields["audio"]?.objectValue, var input = audio["input"]?.objectValue
        else { return }
        change(&input)
        audio["input"] = .object(input)
        fields["audio"] = .object(audio)
    }

    /// A tool without what is its owner's alone: `x_broker`, and what lets a remote server in
    /// (reference, 4.3).
    static func withoutSecrets(_ tool: JSONValue) -> JSONValue {
        guard var object = withoutBrokerFields(tool).objectValue else { return tool }
        for field in MCPCredentials.fields { object[field] = nil }
        return .object(object)
    }

    /// A tool without `x_broker`, which names a webhook of the owner's (api.md, 7).
    static func withoutBrokerFields(_ tool: JSONValue) -> JSONValue {
        guard var object = tool.objectValue else { return tool }
        object["x_broker"] = nil
        return .object(object)
    }
}
