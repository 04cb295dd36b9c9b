internal import ContextStore
internal import JSON

/// The body of `POST /api/broadcasts` (api.md, 8).
struct BroadcastRequest: Sendable {
    /// So many languages may be translated to.
    static let maximumLanguages = 30

    var settings: BroadcastSettings

    /// Reads and checks.
    ///
    /// - Throws: `JSONError` naming the first field that is wrong.
    init(_ reader: JSONReader) throws(JSONError) {
        var reader = reader
        let title = try reader.string("title", bytes: 0...1_000) ?? ""
        let source = try reader.language("source_language") ?? "en"
        let languages = try reader.languages("languages", without: source)
        let mode: Broadcast.Mode =
            try reader.choice("mode") ?? (languages.isEmpty ? .transcription : .translation)
        guard mode == .translation || languages.isEmpty else {
            throw reader.error(
                "invalid_value",
                "A broadcast that is only transcribed has no 'languages'.",
                "languages"
            )
        }
        settings = BroadcastSettings(
            title: title,
            mode: mode,
            sourceLanguage: source,
            languages: languages,
            hasAudio: try reader.bool("audio") ?? false,
            access: try reader.choice("access") ?? .public,
            tokenHash: nil,
            metadata: try reader.metadata("metadata")
        )
        try reader.finish()
    }
}

extension JSONReader {
    /// A language by its code, such as `es` or `pt-BR`.
    fileprivate mutating func language(_ key: String) throws(JSONError) -> String? {
        guard let text = try string(key) else { return nil }
        guard Self.isLanguage(text) else { throw wrongLanguage(key) }
        return text
    }

    fileprivate mutating func languages(
        _ key: String,
        without source: String
    ) throws(JSONError) -> [String] {
        let values = try array(key) ?? []
        // Before each is looked for among the others.
        guard values.count <= BroadcastRequest.maximumLanguages else {
            throw error(
                "invalid_value",
                "'\(param(key))' may hold at most \(BroadcastRequest.maximumLanguages).",
                key
            )
        }
        var languages: [String] = []
        for value in values {
            guard let text = value.stringValue, Self.isLanguage(text) else {
                throw wrongLanguage(key)
            }
            guard text != source, !languages.contains(text) else {
                throw error("invalid_value", "'\(param(key))' has '\(text)' twice.", key)
            }
            languages.append(text)
        }
        return languages
    }

    private func wrongLanguage(_ key: String) -> JSONError {
        error("invalid_value", "'\(param(key))' must be codes such as 'es' or 'pt-BR'.", key)
    }

    private static func isLanguage(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, (2...3).contains(first.utf8.count),
            first.utf8.allSatisfy({ (0x61...0x7A).contains($0) })
        else { return false }
        return parts.count <= 3
            && parts.dropFirst().allSatisfy { part in
                (2...8).contains(part.utf8.count)
                    && part.utf8.allSatisfy {
                        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                            || (0x61...0x7A).contains($0)
                    }
            }
    }
}
