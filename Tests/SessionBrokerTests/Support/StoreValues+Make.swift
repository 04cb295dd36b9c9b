import JSON

@testable import ContextStore

extension Timestamp {
    /// Noon of a day in 2026.
    static let noon = Timestamp(milliseconds: 1_795_262_400_000)
}

extension Agent {
    static func make(
        model: String? = nil,
        voice: String? = nil,
        instructions: String? = nil
    ) -> Agent {
        Agent(
            id: IdentifierGenerator().make(),
            settings: AgentSettings(
                name: "Test",
                model: model,
                voice: voice,
                instructions: instructions
            ),
            createdAt: .noon,
            updatedAt: .noon
        )
    }
}

extension Conversation {
    static func make(title: String? = nil) -> Conversation {
        Conversation(
            id: IdentifierGenerator().make(),
            title: title,
            createdAt: .noon,
            updatedAt: .noon,
            messageCount: 0,
            metadata: [:]
        )
    }
}

extension Item {
    static func make(
        kind: Item.Kind = .message,
        role: Item.Role,
        content: String,
        status: Item.Status = .completed,
        second: Int64
    ) -> Item {
        Item(
            id: IdentifierGenerator().make(),
            conversationID: IdentifierGenerator().make(),
            upstreamID: nil,
            kind: kind,
            role: role,
            content: content,
            status: status,
            position: second,
            createdAt: Timestamp(milliseconds: Timestamp.noon.milliseconds + second * 1_000),
            metadata: [:]
        )
    }
}
