import ContextStore
import JSON

@testable import SessionBroker

extension ToolWebhook {
    /// A webhook as a caller gives it.
    static func make(
        _ url: String = "https://tools.example/weather",
        headers: JSONObject = [:],
        timeoutMs: Int64 = 10_000
    ) throws -> ToolWebhook {
        try ToolWebhook(
            JSONReader([
                "url": .string(url), "headers": .object(headers),
                "timeout_ms": .integer(timeoutMs),
            ])
        )
    }
}

extension JSONValue {
    /// A function tool, with a webhook if one is given.
    static func tool(_ name: String = "weather", at webhook: JSONValue? = nil) -> JSONValue {
        var tool: JSONObject = ["type": "function", "name": .string(name)]
        tool["x_broker"] = webhook
        return .object(tool)
    }
}

extension UserID {
    /// A user for tests.
    static func make(_ name: String = "ada") -> UserID {
        guard let user = UserID(name) else { fatalError("a name is an id") }
        return user
    }
}
