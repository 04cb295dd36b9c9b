/// Reads the members of one JSON object strictly: each with its type and bounds, none unknown.
///
/// Every method treats `null` like an absent member, and returns nil for it. Ask ``has(_:)`` where
/// the two differ. Call ``finish()`` last: it refuses members that nobody asked for.
public struct JSONReader {
    /// The object that is read.
    public let object: JSONObject
    private let path: String
    private var known: Set<String> = []

    /// A reader of an object at a path such as `messages[3]`; empty for the whole body.
    public init(_ object: JSONObject, path: String = "") {
        self.object = object
        self.path = path
    }

    /// A reader of a value that must be an object.
    ///
    /// - Throws: ``JSONError`` with code `invalid_type` for anything else.
    public init(of value: JSONValue, path: String = "") throws(JSONError) {
        guard let object = value.objectValue else {
            throw Self.typeError(value, expected: "an object", param: path)
        }
        self.init(object, path: path)
    }

    /// The path of a member, as errors name it.
    public func param(_ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    /// Whether the member is there at all, be it null.
    public mutating func has(_ key: String) -> Bool {
        known.insert(key)
        return object[key] != nil
    }

    /// Any value but null.
    public mutating func value(_ key: String) -> JSONValue? {
        known.insert(key)
        guard let value = object[key], value != .null else { return nil }
        return value
    }

    /// A string of a bounded number of bytes of UTF-8.
    ///
    /// - Throws: ``JSONError`` for another type or length.
    public mutating func string(
        _ key: String,
        bytes: ClosedRange<Int> = 0...Int.max
    ) throws(JSONError) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.stringValue else {
            throw Self.typeError(value, expected: "a string", param: param(key))
        }
        guard bytes.contains(text.utf8.count) else {
            throw error(
                text.utf8.count > bytes.upperBound ? "string_above_max_length" : "invalid_value",
                "'\(param(key))' must have \(bytes.lowerBound) to \(bytes.upperBound) bytes, "
                    + "but has \(text.utf8.count).",
                key
            )
        }
        return text
    }

    /// A string that is one of an enumeration's raw values.
    ///
    /// - Throws: ``JSONError`` for another type or value.
    public mutating func choice<Choice>(
        _ key: String,
        _ type: Choice.Type = Choice.self
    ) throws(JSONError) -> Choice?
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        guard let text = try string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let allowed = Choice.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw error("invalid_value", "'\(param(key))' must be one of \(allowed).", key)
        }
        return choice
    }

    /// An integer within bounds.
    ///
    /// - Throws: ``JSONError`` for another type or value.
    public mutating func integer(
        _ key: String,
        in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(JSONError) -> Int64? {
        guard let value = value(key) else { return nil }
        guard let number = value.integerValue else {
            throw Self.typeError(value, expected: "an integer", param: param(key))
        }
        guard range.contains(number) else {
            throw error(
                number < range.lowerBound ? "integer_below_min_value" : "integer_above_max_value",
                "'\(param(key))' must be \(range.lowerBound) to \(range.upperBound).",
                key
            )
        }
        return number
    }

    /// A number.
    ///
    /// - Throws: ``JSONError`` for another type.
    public mutating func double(_ key: String) throws(JSONError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.doubleValue else {
            throw Self.typeError(value, expected: "a number", param: param(key))
        }
        return number
    }

    /// A boolean.
    ///
    /// - Throws: ``JSONError`` for another type.
    public mutating func bool(_ key: String) throws(JSONError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.boolValue else {
            throw Self.typeError(value, expected: "true or false", param: param(key))
        }
        return flag
    }

    /// An array.
    ///
    /// - Throws: ``JSONError`` for another type.
    public mutating func array(_ key: String) throws(JSONError) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard let elements = value.arrayValue else {
            throw Self.typeError(value, expected: "an array", param: param(key))
        }
        return elements
    }

    /// An object, passed through as it is.
    ///
    /// - Throws: ``JSONError`` for another type.
    public mutating func object(_ key: String) throws(JSONError) -> JSONObject? {
        guard let value = value(key) else { return nil }
        guard let members = value.objectValue else {
            throw Self.typeError(value, expected: "an object", param: param(key))
        }
        return members
    }

    /// A reader of an object member.
    ///
    /// - Throws: ``JSONError`` for another type.
    public mutating func reader(_ key: String) throws(JSONError) -> JSONReader? {
        guard let members = try object(key) else { return nil }
        return JSONReader(members, path: param(key))
    }

    /// Refuses members that no method of this reader was asked for.
    ///
    /// - Throws: ``JSONError`` with code `unknown_parameter`, naming the first.
    public func finish() throws(JSONError) {
        guard let stray = object.members.first(where: { !known.contains($0.key) }) else { return }
        throw error("unknown_parameter", "Unknown parameter: '\(param(stray.key))'.", stray.key)
    }

    /// An error about a member, for rules that this type does not know.
    public func error(_ code: String, _ message: String, _ key: String) -> JSONError {
        JSONError(code: code, message: message, param: param(key))
    }

    /// The error for a member that must be there.
    public func missing(_ key: String) -> JSONError {
        error(
            "missing_required_parameter",
            "Missing required parameter: '\(param(key))'.",
            key
        )
    }

    private static func typeError(
        _ value: JSONValue,
        expected: String,
        param: String
    ) -> JSONError {
        let name = param.isEmpty ? "The body" : "'\(param)'"
        return JSONError(
            code: "invalid_type",
            message: "\(name) must be \(expected), but is \(value.typeName).",
            param: param.isEmpty ? nil : param
        )
    }
}

extension JSONValue {
    fileprivate var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
