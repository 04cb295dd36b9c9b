internal import JSON

/// The settings of a session, as `session.update` changes them and `session.updated` echoes them.
///
/// Every reading is strict: an unknown member or a bad value refuses the whole update.
struct SessionConfiguration: Sendable, Equatable {
    enum Kind: String, Sendable {
        case realtime
        case transcription
    }

    enum Modality: String, Sendable {
        case audio
        case text
    }

    /// What the simulator tells itself when nobody gave instructions.
    static let defaultInstructions = """
        You are the voice of a simulated realtime API. Be brief and friendly, say plainly that \
        you are a simulator, and use what these instructions tell you about the user.
        """

    var kind: Kind
    var model: ModelTraits
    var modality = Modality.audio
    var instructions = SessionConfiguration.defaultInstructions
    var tools: [Tool] = []
    var toolChoice: JSONValue = "auto"
    var maxOutputTokens: Int?
    var tracing: JSONValue = .null
    var truncation: JSONValue = "auto"
    var prompt: JSONValue = .null
    var reasoning: JSONObject?
    var include: JSONValue = .null
    var inputFormat = AudioFormat.pcm
    var transcription: JSONObject?
    var noiseReduction: JSONValue = .null
    var turnDetection: TurnDetection?
    var outputFormat = AudioFormat.pcm
    var voice: JSONValue
    var speed = 1.0

    /// The defaults of a model.
    init(kind: Kind = .realtime, model: String = ModelTraits.standard) {
        let traits = ModelTraits(name: model)
        self.kind = kind
        self.model = traits
        voice = .string(traits.defaultVoice)
        turnDetection = TurnDetection(
            silenceDurationMs: kind == .transcription ? 200 : traits.defaultSilenceMs
        )
    }

    /// The configuration that a `session` object asks for when a session or a key is made.
    init(creating object: JSONObject, path: String = "session") throws(JSONError) {
        let kind = object["type"]?.stringValue.flatMap(Kind.init) ?? .realtime
        self.init(kind: kind, model: object["model"]?.stringValue ?? ModelTraits.standard)
        try update(object, path: path)
    }

    /// What effective settings look like to a client, in upstream's order.
    func json(id: String, expiresAt: Int64) -> JSONValue {
        kind == .realtime
            ? realtimeJSON(id: id, expiresAt: expiresAt)
            : transcriptionJSON(id: id, expiresAt: expiresAt)
    }

    private func realtimeJSON(id: String, expiresAt: Int64) -> JSONValue {
        var members: [JSONObject.Member] = [
            ("type", "realtime"), ("object", "realtime.session"), ("id", .string(id)),
            ("model", .string(model.name)),
            ("output_modalities", [.string(modality.rawValue)]),
            ("instructions", .string(instructions)),
            ("tools", .array(tools.map(\.json))), ("tool_choice", toolChoice),
            ("max_output_tokens", maxOutputTokensJSON), ("tracing", tracing),
            ("truncation", truncation), ("prompt", prompt), ("expires_at", .integer(expiresAt)),
        ]
        if let reasoning { members.append(("reasoning", .object(reasoning))) }
        members.append(
            (
                "audio",
                .object(JSONObject(uniqueMembers: [("input", inputJSON), ("output", outputJSON)]))
            )
        )
        members.append(("include", include))
        return .object(JSONObject(uniqueMembers: members))
    }

    private func transcriptionJSON(id: String, expiresAt: Int64) -> JSONValue {
        .object(
            JSONObject(uniqueMembers: [
                ("type", "transcription"), ("object", "realtime.transcription_session"),
                ("id", .string(id)), ("expires_at", .integer(expiresAt)),
                ("audio", ["input": inputJSON]), ("include", include),
            ])
        )
    }

    var maxOutputTokensJSON: JSONValue {
        maxOutputTokens.map { .integer(Int64($0)) } ?? "inf"
    }

    private var inputJSON: JSONValue {
        .object(
            JSONObject(uniqueMembers: [
                ("format", inputFormat.json),
                ("transcription", transcription.map(JSONValue.object) ?? .null),
                ("noise_reduction", noiseReduction),
                (
                    "turn_detection",
                    turnDetection?.json(forTranscription: kind == .transcription) ?? .null
                ),
            ])
        )
    }

    private var outputJSON: JSONValue {
        .object(
            JSONObject(uniqueMembers: [
                ("format", outputFormat.json), ("voice", voice), ("speed", .number(speed)),
            ])
        )
    }
}
