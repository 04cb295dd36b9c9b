internal import ContextStore
internal import JSON

/// The body of `POST /api/recall`, which is also what the model calls the `recall` tool with.
struct RecallBody {
    let query: RecallQuery
    let maximumTokens: Int

    init(_ reader: JSONReader) throws(JSONError) {
        var reader = reader
        query = RecallQuery(
            phrasings: try Self.phrasings(&reader),
            limit: Int(try reader.integer("limit", in: 1...400) ?? 20),
            conversation: try reader.identifier("conversation_id"),
            from: try reader.timestamp("from"),
            to: try reader.timestamp("to"),
            now: .now()
        )
        maximumTokens = Int(try reader.integer("max_tokens", in: 50...8_000) ?? 2_000)
        try reader.finish()
    }

    /// One text, or a list of them.
    private static func phrasings(_ reader: inout JSONReader) throws(JSONError) -> [String] {
        let param = reader.param("query")
        switch reader.value("query") {
        case .array(let values):
            guard (1...RecallRoutes.maximumPhrasings).contains(values.count) else {
                throw reader.error(
                    "invalid_value",
                    "'\(param)' may hold 1 to \(RecallRoutes.maximumPhrasings) phrasings.",
                    "query"
                )
            }
            var phrasings: [String] = []
            for (index, value) in values.enumerated() {
                guard let text = value.stringValue else {
                    throw reader.error("invalid_type", "'\(param)' must hold strings.", "query")
                }
                let param = "\(param)[\(index)]"
                phrasings.append(try RecallRoutes.phrasing(text, param: param))
            }
            return phrasings
        case .string(let text): return [try RecallRoutes.phrasing(text, param: param)]
        case nil: return [try RecallRoutes.phrasing(nil, param: param)]
        default:
            throw reader.error("invalid_type", "'\(param)' must be a string or a list.", "query")
        }
    }
}
