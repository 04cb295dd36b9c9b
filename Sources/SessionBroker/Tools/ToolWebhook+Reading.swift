internal import JSON

extension ToolWebhook {
    private static let timeoutRange: ClosedRange<Int64> = 100...30_000
    private static let defaultTimeoutMs: Int64 = 10_000
    private static let headerLimit = 16

    /// What the broker or libcurl sets itself, and what would change how a request is read.
    private static let ownHeaders: Set<String> = [
        "accept-encoding", "connection", "content-length", "content-type", "expect", "host",
        "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    /// Reads an `x_broker` object.
    ///
    /// - Throws: `JSONError` naming the first field that is wrong.
    init(_ reader: JSONReader) throws(JSONError) {
        var reader = reader
        guard let text = try reader.string("url", bytes: 1...2_048) else {
            throw reader.missing("url")
        }
        guard let parts = try? URLParts(text), parts.isHTTP, parts.user == nil,
            parts.fragment == nil, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw reader.error(
                "invalid_value",
                "'\(reader.param("url"))' must be an http or https URL without a user.",
                "url"
            )
        }
        url = text
        origin = parts.origin
        headers = try reader.webhookHeaders("headers")
        timeoutMs =
            try reader.integer("timeout_ms", in: Self.timeoutRange) ?? Self.defaultTimeoutMs
        try reader.finish()
    }

    fileprivate static func mayBeSet(_ name: String) -> Bool {
        let name = name.lowercased()
        return !ownHeaders.contains(name) && !name.hasPrefix("webhook-")
    }

    fileprivate static func isTooMany(_ count: Int) -> Bool { count > headerLimit }
}

extension JSONReader {
    /// Header fields of requests: an object of names and values.
    fileprivate mutating func webhookHeaders(
        _ key: String
    ) throws(JSONError) -> [ToolWebhook.Header] {
        guard var fields = try reader(key) else { return [] }
        let names = fields.object.members.map(\.key)
        guard !ToolWebhook.isTooMany(names.count) else {
            throw error("invalid_value", "'\(param(key))' may have at most 16 fields.", key)
        }
        var known: Set<String> = []
        var headers: [ToolWebhook.Header] = []
        for name in names {
            guard OutgoingRequest.isFieldName(name), name.utf8.count <= 256,
                ToolWebhook.mayBeSet(name), known.insert(name.lowercased()).inserted
            else {
                throw fields.error("invalid_value", "'\(name)' cannot be set here.", name)
            }
            guard let value = try fields.string(name, bytes: 0...4_096) else {
                throw fields.error("invalid_type", "'\(name)' must be a string.", name)
            }
            guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
                !value.hasPrefix(" "), !value.hasSuffix(" ")
            else {
                // Says nothing of the value, which is a secret as often as not.
                throw fields.error("invalid_value", "'\(name)' has an invalid value.", name)
            }
            headers.append(ToolWebhook.Header(name: name, value: value))
        }
        return headers
    }
}
