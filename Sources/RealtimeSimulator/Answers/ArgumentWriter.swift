internal import JSON

/// Fills a tool's parameters from its schema and from what was asked.
struct ArgumentWriter: Sendable {
    let question: String

    func arguments(for tool: Tool) -> String {
        JSONValue.object(object(tool.parameters, depth: 0)).text
    }

    /// Required properties; all of them when none is required.
    private func object(_ schema: JSONObject, depth: Int) -> JSONObject {
        let properties = schema["properties"]?.objectValue ?? JSONObject()
        let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        var result = JSONObject()
        for (name, property) in properties.members {
            guard required.isEmpty || required.contains(name) else { continue }
            result[name] = value(name, property, depth: depth)
        }
        return result
    }

    private func value(_ name: String, _ schema: JSONValue, depth: Int) -> JSONValue {
        if let constant = schema["const"] { return constant }
        if let choices = schema["enum"]?.arrayValue, let first = choices.first {
            let asked = Words.content(of: question)
            return choices.first {
                !Words.content(of: $0.stringValue ?? "").isDisjoint(with: asked)
            } ?? first
        }
        if let standard = schema["default"] { return standard }
        let type = schema["type"]?.stringValue ?? schema["type"]?.arrayValue?.first?.stringValue
        switch type {
        case "integer": return .integer(number.map { Int64($0) } ?? minimum(schema))
        case "number": return number.map { .number($0) } ?? .integer(minimum(schema))
        case "boolean": return true
        case "array":
            guard depth < 4, let items = schema["items"] else { return [] }
            return [value(name, items, depth: depth + 1)]
        case "object":
            guard depth < 4, let object = schema.objectValue else { return [:] }
            return .object(self.object(object, depth: depth + 1))
        case "null": return .null
        default: return .string(text(for: name))
        }
    }

    private func minimum(_ schema: JSONValue) -> Int64 {
        schema["minimum"]?.integerValue ?? 1
    }

    /// The first number in the question, within what an integer holds.
    private var number: Double? {
        question.split { !$0.isNumber && $0 != "." }.lazy
            .compactMap { Double($0) }.first { $0 < 1e15 }
    }

    /// Free text is the question itself; for anything else the last name in it, else its last word.
    func text(for name: String) -> String {
        let free: Set<String> = [
            "query", "question", "text", "message", "content", "prompt", "input", "note", "search",
            "q", "body", "description", "topic",
        ]
        guard free.isDisjoint(with: Words.all(in: name)) else { return question }
        let words = question.split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "'" }
        let names = words.dropFirst().filter { $0.first?.isUppercase ?? false && $0 != "I" }
        return String(names.last ?? words.last ?? "unknown")
    }
}
