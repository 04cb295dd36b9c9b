internal import CJansson

extension JSONValue {
    /// The deepest nesting that ``init(parsing:maximumDepth:)`` accepts unless told otherwise.
    public static let defaultMaximumDepth = 64

    /// Parses one JSON text.
    ///
    /// Strict: UTF-8 must be valid, keys must be unique, `\u0000` and numbers beyond 64-bit
    /// integers or finite doubles are refused, and so are objects of more than
    /// ``JSONObject/maximumMembers`` and anything behind the value.
    ///
    /// - Parameters:
    ///   - bytes: The whole text.
    ///   - maximumDepth: How deep arrays and objects may nest; deeper texts are refused.
    ///   - maximumMembers: How many members an object may have.
    /// - Throws: ``JSONError`` with code `invalid_json`, saying what is wrong and where.
    public init(
        parsing bytes: some Sequence<UInt8>,
        maximumDepth: Int = defaultMaximumDepth,
        maximumMembers: Int = JSONObject.maximumMembers
    ) throws(JSONError) {
        let parser = JSONParser(maximumMembers: maximumMembers)
        let parsed: Result<JSONValue, JSONError>? = bytes.withContiguousStorageIfAvailable {
            parser.parse($0, maximumDepth: maximumDepth)
        }
        let result =
            parsed
            ?? Array(bytes).withUnsafeBufferPointer {
                parser.parse($0, maximumDepth: maximumDepth)
            }
        self = try result.get()
    }
}

/// Makes values of what jansson parsed.
private struct JSONParser {
    let maximumMembers: Int

    func parse(
        _ buffer: UnsafeBufferPointer<UInt8>,
        maximumDepth: Int
    ) -> Result<JSONValue, JSONError> {
        guard let base = buffer.baseAddress, !buffer.isEmpty else {
            return .failure(JSONError(code: "invalid_json", message: "The JSON text is empty."))
        }
        var failure = json_error_t()
        // https://jansson.readthedocs.io/en/2.14/apiref.html#c.json_loadb: a new reference, or NULL
        // with `failure` filled in.
        let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
        let root = base.withMemoryRebound(to: CChar.self, capacity: buffer.count) {
            json_loadb($0, buffer.count, flags, &failure)
        }
        guard let root else { return .failure(syntaxError(failure)) }
        defer { json_decref(root) }
        return Result { () throws(JSONError) in try convert(root, depthLeft: maximumDepth) }
    }

    private func syntaxError(_ failure: json_error_t) -> JSONError {
        let text = withUnsafeBytes(of: failure.text) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        let place = "line \(failure.line), column \(max(failure.column, 0))"
        return JSONError(code: "invalid_json", message: "Invalid JSON at \(place): \(text).")
    }

    private func convert(
        _ node: UnsafeMutablePointer<json_t>,
        depthLeft: Int
    ) throws(JSONError) -> JSONValue {
        switch node.pointee.type {
        case JSON_STRING: return .string(text(json_string_value(node), json_string_length(node)))
        case JSON_INTEGER: return .integer(Int64(json_integer_value(node)))
        case JSON_REAL: return .number(json_real_value(node))
        case JSON_TRUE: return .bool(true)
        case JSON_FALSE: return .bool(false)
        case JSON_NULL: return .null
        default: break
        }
        guard depthLeft > 0 else {
            throw JSONError(code: "invalid_json", message: "The JSON text is nested too deeply.")
        }
        return node.pointee.type == JSON_ARRAY
            ? .array(try elements(node, depthLeft: depthLeft - 1))
            : .object(try members(node, depthLeft: depthLeft - 1))
    }

    private func elements(
        _ array: UnsafeMutablePointer<json_t>,
        depthLeft: Int
    ) throws(JSONError) -> [JSONValue] {
        var values: [JSONValue] = []
        values.reserveCapacity(json_array_size(array))
        for index in 0..<json_array_size(array) {
            guard let element = json_array_get(array, index) else { break }
            values.append(try convert(element, depthLeft: depthLeft))
        }
        return values
    }

    private func members(
        _ object: UnsafeMutablePointer<json_t>,
        depthLeft: Int
    ) throws(JSONError) -> JSONObject {
        guard json_object_size(object) <= maximumMembers else {
            throw JSONError(code: "invalid_json", message: "An object has too many members.")
        }
        var members: [JSONObject.Member] = []
        members.reserveCapacity(json_object_size(object))
        var iterator = json_object_iter(object)
        while let current = iterator {
            if let value = json_object_iter_value(current) {
                let length = json_object_iter_key_len(current)
                let key = text(json_object_iter_key(current), length)
                members.append((key, try convert(value, depthLeft: depthLeft)))
            }
            iterator = json_object_iter_next(object, current)
        }
        return JSONObject(uniqueMembers: members)
    }
}

private func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
    guard let start else { return "" }
    let bytes = UnsafeRawBufferPointer(start: start, count: length)
    return String(decoding: bytes, as: UTF8.self)
}
