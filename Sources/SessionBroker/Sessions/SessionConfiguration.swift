internal import ContextStore
internal import JSON

/// How a session is configured, as it is stored until the client connects.
struct SessionConfiguration: Sendable, Equatable {
    /// Upstream's session object, with the memory block in its instructions.
    var upstream: JSONObject
    /// The caller's own instructions.
    var instructions: String
    /// What the model says first.
    var greeting: String?
    /// The tools that the broker answers, as upstream gets them.
    var brokerTools: [JSONValue]
    /// The budget of the memory block; 0 for none.
    var contextTokens: Int
    /// How many of the last turns are quoted word for word, at most.
    var recentMessages: Int
    /// Whether only what was said in its conversation counts.
    var isLimitedToConversation: Bool

    /// Whether the model has the `recall` tool.
    var offersRecall: Bool { RecallTool.isNamed(in: brokerTools) }

    /// Whether the model answers by voice.
    var speaks: Bool { upstream["output_modalities"]?.arrayValue?.contains("text") != true }

    /// What stands behind the caller's own instructions; empty for nothing.
    var memory: String {
        Self.memory(of: upstream["instructions"]?.stringValue ?? "", behind: instructions)
    }

    /// What stands behind some instructions; empty for nothing.
    static func memory(of all: String, behind own: String) -> String {
        guard all.hasPrefix(own) else { return "" }
        let rest = all.dropFirst(own.count)
        return String(rest.hasPrefix("\n\n") ? rest.dropFirst(2) : rest)
    }

    /// What stands before a memory block.
    static func own(_ all: String, before memory: String) -> String {
        guard !memory.isEmpty, all.hasSuffix(memory) else { return all }
        let own = all.dropLast(memory.count)
        return String(own.hasSuffix("\n\n") ? own.dropLast(2) : own)
    }
}

extension SessionConfiguration {
    /// As it is stored: the memory block apart, because it goes earlier than the rest.
    var stored: JSONObject {
        let memory = memory
        var plain = upstream
        if !memory.isEmpty { plain["instructions"] = .string(instructions) }
        var object: JSONObject = [
            "upstream": .object(plain),
            "instructions": .string(instructions),
            "greeting": .optional(greeting),
            "broker_tools": .array(brokerTools),
            "context_tokens": .integer(Int64(contextTokens)),
            "recent_messages": .integer(Int64(recentMessages)),
            "limited_to_conversation": .bool(isLimitedToConversation),
        ]
        if !memory.isEmpty { object[Session.memoryKey] = .string(memory) }
        return object
    }

    /// Reads what ``stored`` wrote; what is not there is empty.
    init(stored: JSONObject) {
        upstream = stored["upstream"]?.objectValue ?? JSONObject()
        instructions = stored["instructions"]?.stringValue ?? ""
        greeting = stored["greeting"]?.stringValue
        brokerTools = stored["broker_tools"]?.arrayValue ?? []
        contextTokens = Int(stored["context_tokens"]?.integerValue ?? 0)
        recentMessages = Int(stored["recent_messages"]?.integerValue ?? 8)
        isLimitedToConversation = stored["limited_to_conversation"]?.boolValue ?? false
        if let memory = stored[Session.memoryKey]?.stringValue {
            upstream["instructions"] = .string(Prompt.instructions(instructions, with: memory))
        }
    }
}
