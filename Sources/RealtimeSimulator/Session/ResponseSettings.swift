internal import JSON

/// What one response is made with: the session's settings, and what `response.create` overrides.
struct ResponseSettings: Sendable {
    var modality: SessionConfiguration.Modality
    var instructions: String
    /// Whether the instructions are of this response alone.
    var hasOwnInstructions = false
    var tools: [Tool]
    var toolChoice: JSONValue
    var maxOutputTokens: Int?
    var outputFormat: AudioFormat
    var voice: JSONValue
    var speed: Double
    var effort: String?
    var metadata: JSONValue = .null
    var isOutOfBand = false
    /// What is read instead of the conversation; nil for the conversation.
    var input: [ConversationItem]?

    init(_ session: SessionConfiguration) {
        modality = session.modality
        instructions = session.instructions
        tools = session.tools
        toolChoice = session.toolChoice
        maxOutputTokens = session.maxOutputTokens
        outputFormat = session.outputFormat
        voice = session.voice
        speed = session.speed
        effort = session.reasoning?["effort"]?.stringValue
    }

    /// Reads `response.create`'s object over the session's; `findItem` is for an `item_reference`.
    init(
        _ session: SessionConfiguration,
        _ reader: inout JSONReader,
        makeID: () -> String,
        findItem: (String) -> ConversationItem?
    ) throws(JSONError) {
        self.init(session)
        modality = try SessionConfiguration.modality(&reader) ?? modality
        if let text = try reader.string("instructions"), !text.isEmpty {
            instructions = text
            hasOwnInstructions = true
        }
        if let list = try reader.array("tools") {
            tools = try Tool.list(list, path: reader.param("tools"))
        }
        toolChoice = try SessionConfiguration.toolChoice(&reader) ?? toolChoice
        if reader.has("max_output_tokens") {
            maxOutputTokens = try SessionConfiguration.maxOutputTokens(&reader)
        }
        if var audio = try reader.reader("audio") { try readAudio(&audio) }
        effort =
            try SessionConfiguration.reasoning(&reader)?["effort"]?.stringValue ?? effort
        _ = try reader.bool("parallel_tool_calls")
        _ = reader.value("prompt")
        metadata = try Self.metadata(&reader)
        switch try reader.string("conversation") {
        case nil, "auto": break
        case "none": isOutOfBand = true
        case let other?:
            throw reader.error("invalid_value", "Invalid value: '\(other)'.", "conversation")
        }
        input = try Self.input(&reader, makeID: makeID, findItem: findItem)
        try reader.finish()
    }

    private mutating func readAudio(_ reader: inout JSONReader) throws(JSONError) {
        if var output = try reader.reader("output") {
            if var format = try output.reader("format") { outputFormat = try AudioFormat(&format) }
            voice = try SessionConfiguration.voice(&output) ?? voice
            try output.finish()
        }
        try reader.finish()
    }

    private static func metadata(_ reader: inout JSONReader) throws(JSONError) -> JSONValue {
        guard let metadata = try reader.object("metadata") else { return .null }
        guard metadata.members.count <= 16 else {
            throw reader.error(
                "object_above_max_properties",
                "Invalid 'metadata': at most 16 pairs are allowed.",
                "metadata"
            )
        }
        for (key, value) in metadata.members {
            guard let text = value.stringValue, key.unicodeScalars.count <= 64,
                text.unicodeScalars.count <= 512
            else {
                throw reader.error(
                    "string_above_max_length",
                    "Invalid 'metadata.\(key.prefix(64))': keys have at most 64 characters, "
                        + "values are strings of at most 512.",
                    "metadata"
                )
            }
        }
        return .object(metadata)
    }

    private static func input(
        _ reader: inout JSONReader,
        makeID: () -> String,
        findItem: (String) -> ConversationItem?
    ) throws(JSONError) -> [ConversationItem]? {
        guard let values = try reader.array("input") else { return nil }
        var items: [ConversationItem] = []
        for (index, value) in values.enumerated() {
            var entry = try JSONReader(of: value, path: reader.param("input[\(index)]"))
            guard value["type"]?.stringValue == "item_reference" else {
                items.append(try ConversationItem(&entry, makeID: makeID))
                continue
            }
            guard let id = value["id"]?.stringValue, let item = findItem(id) else {
                throw entry.error("invalid_value", "The item referred to does not exist.", "id")
            }
            items.append(item)
        }
        return items
    }
}
