internal import JSON

/// The webhooks of a session's tools, by the tools' names.
struct ToolWebhooks: Sendable, Equatable {
    private var byName: [String: ToolWebhook] = [:]

    /// None.
    init() {}

    /// Whether no tool has one.
    var isEmpty: Bool { byName.isEmpty }

    /// The webhook of a tool; nil when the broker does not call it.
    subscript(name: String) -> ToolWebhook? {
        get { byName[name] }
        set { byName[name] = newValue }
    }

    /// All of them, for what is sealed.
    var json: JSONValue {
        let names = byName.keys.sorted()
        return .object(JSONObject(uniqueMembers: names.map { ($0, byName[$0]?.json ?? .null) }))
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `JSONError` for anything else.
    init(_ json: JSONValue) throws(JSONError) {
        for (name, value) in try JSONReader(of: json).object.members {
            byName[name] = try ToolWebhook(JSONReader(of: value))
        }
    }
}
