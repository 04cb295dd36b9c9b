internal import JSON

/// Writes JSON that satisfies a schema, out of the lines of a text.
///
/// Lists of objects get one for each line that says much about its speaker, and are empty when none
/// does; texts outside of lists are those lines together. Nothing is made up.
struct SchemaWriter: Sendable {
    let source: SourceText

    private static let summaryLines = 5
    private static let recordLimit = 8
    /// No more of a line is quoted.
    private static let summaryLineBytes = 240
    private static let recordBytes = 72

    /// An object of a schema that ``StrictSchema`` has nothing against.
    func object(_ schema: JSONObject) -> JSONObject {
        object(schema, from: nil)
    }

    private func object(_ schema: JSONObject, from line: SourceText.Line?) -> JSONObject {
        let properties = schema["properties"]?.objectValue?.members ?? []
        return JSONObject(
            uniqueMembers: properties.map { key, schema in
                (key, value(key, schema.objectValue ?? JSONObject(), from: line))
            }
        )
    }

    private func value(
        _ name: String,
        _ schema: JSONObject,
        from line: SourceText.Line?
    ) -> JSONValue {
        if let constant = schema["const"] { return constant }
        if let choices = schema["enum"]?.arrayValue, !choices.isEmpty {
            return choice(of: choices, from: line)
        }
        if let choice = schema["anyOf"]?.arrayValue?.first?.objectValue {
            return value(name, choice, from: line)
        }
        switch StrictSchema.typeNames(of: schema)?.first {
        case "string": return .string(text(name, from: line))
        case "integer", "number": return number(schema, from: line)
        case "boolean": return false
        case "array": return .array(array(name, schema, from: line))
        case "object": return .object(object(schema, from: line))
        default: return .null
        }
    }

    private func array(
        _ name: String,
        _ schema: JSONObject,
        from line: SourceText.Line?
    ) -> [JSONValue] {
        let items = schema["items"]?.objectValue ?? JSONObject()
        let least = Int(schema["minItems"]?.integerValue ?? 0)
        let most = Int(schema["maxItems"]?.integerValue ?? Int64(Self.recordLimit))
        guard line == nil else { return [value(name, items, from: line)] }
        let own = source.salientLines(limit: min(most, Self.recordLimit))
            .filter { $0.speaker != "assistant" }
        let values = own.map { value(name, items, from: $0) }
        let missing = max(0, least - values.count)
        return values + (0..<missing).map { _ in value(name, items, from: nil) }
    }

    /// A choice that the line has a word of, else one that says nothing, else the first.
    private func choice(of choices: [JSONValue], from line: SourceText.Line?) -> JSONValue {
        let words = Words.content(of: line?.text ?? "")
        let named = choices.first {
            !Words.content(of: $0.stringValue ?? "").isDisjoint(with: words)
        }
        let neutral: [JSONValue] = ["other", "none", "unknown", .null]
        return named ?? choices.first(where: neutral.contains) ?? choices[0]
    }

    private func number(_ schema: JSONObject, from line: SourceText.Line?) -> JSONValue {
        let least = schema["minimum"]?.integerValue ?? 0
        let most = max(least, schema["maximum"]?.integerValue ?? .max)
        return .integer(min(max(Int64(line?.number ?? 0), least), most))
    }

    private func text(_ name: String, from line: SourceText.Line?) -> String {
        if let line {
            let quote = line.text.cut(toBytes: Self.recordBytes)
            return ArgumentWriter(question: quote).text(for: name)
        }
        return source.salientLines(limit: Self.summaryLines)
            .map { $0.text.cut(toBytes: Self.summaryLineBytes) }
            .joined(separator: " ")
    }
}

extension String {
    /// The beginning of this text, up to a space where there is one.
    fileprivate func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var bytes = 0
        let head = prefix {
            bytes += $0.utf8.count
            return bytes <= limit
        }
        return String(head.lastIndex(of: " ").map { head[..<$0] } ?? head)
    }
}
