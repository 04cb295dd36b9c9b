internal import JSON

/// Events of upstream's, read as far as they can be.
enum UpstreamEvent {
    /// An event; U+0000, which no text of ours holds, reads as U+FFFD, so that nothing said is lost
    /// by it.
    ///
    /// - Returns: Nil for what is not JSON.
    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        if let event = try? JSONValue(parsing: bytes) { return event }
        let text = String(decoding: bytes, as: UTF8.self)
        return try? JSONValue(parsing: Array(text.replacingNulls.utf8))
    }
}

extension String {
    /// The text with each escaped U+0000 replaced; a backslash that is escaped itself begins none.
    fileprivate var replacingNulls: String {
        var replaced = ""
        var rest = self[...]
        while let backslash = rest.firstIndex(of: "\\") {
            replaced += rest[..<backslash]
            rest = rest[backslash...]
            if rest.hasPrefix("\\u0000") {
                replaced += "\\ufffd"
                rest = rest.dropFirst(6)
            } else {
                replaced += rest.prefix(2)
                rest = rest.dropFirst(2)
            }
        }
        return replaced + rest
    }
}
