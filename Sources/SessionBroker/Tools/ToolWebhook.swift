internal import JSON

/// Where the broker itself calls a tool (api.md, 7: `x_broker`).
///
/// Prints as `<redacted>`: its header fields hold keys, and so may its URL.
struct ToolWebhook: Sendable, Equatable, RedactedWhenPrinted {
    /// A header field of each request.
    struct Header: Sendable, Equatable {
        let name: String
        let value: String
    }

    /// An absolute `http:` or `https:` URL without a user.
    let url: String
    /// Scheme, host and port of the URL: what a log may name.
    let origin: String
    /// What is sent with each request.
    let headers: [Header]
    /// How long the tool may take, in milliseconds, all attempts together.
    let timeoutMs: Int64
}

extension ToolWebhook {
    /// What stands in an answer in place of a header field's value.
    ///
    /// In a change of an agent it stands for the value that is stored.
    static let redactedValue = "<redacted>"

    /// How long the tool may take, all attempts together.
    var timeout: Duration { .milliseconds(timeoutMs) }

    /// All of it, for what is sealed.
    var json: JSONValue { json { $0.value } }

    /// What an owner is shown: the names of header fields without their values.
    var shown: JSONValue { json { _ in Self.redactedValue } }

    private func json(value: (Header) -> String) -> JSONValue {
        [
            "url": .string(url),
            "headers": .object(
                JSONObject(uniqueMembers: headers.map { ($0.name, .string(value($0))) })
            ),
            "timeout_ms": .integer(timeoutMs),
        ]
    }

    /// The first header field that asks for its stored value.
    var keptHeader: Header? {
        headers.first { $0.value == Self.redactedValue }
    }

    /// This webhook with the stored values of the header fields that ask for them.
    ///
    /// Only of a webhook of the same origin, so that no key goes to a server that it was not given
    /// for; what there is no value for goes on asking.
    func keepingHeaders(of stored: ToolWebhook?) -> ToolWebhook {
        guard let stored, stored.origin == origin, keptHeader != nil else { return self }
        let filled = headers.map { header in
            guard header.value == Self.redactedValue else { return header }
            let old = stored.headers.first { $0.name.lowercased() == header.name.lowercased() }
            return Header(name: header.name, value: old?.value ?? header.value)
        }
        return ToolWebhook(url: url, origin: origin, headers: filled, timeoutMs: timeoutMs)
    }
}
