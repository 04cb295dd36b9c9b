/// Any JSON value (RFC 8259), for what is passed through and for typed reading by ``JSONReader``.
///
/// Objects keep the order of their keys, because a model reads a tool's parameters in that order.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of a JSON object, in the order they were written in; keys are unique.
///
/// Lookup is linear: the objects of this protocol are small, and order matters more. Parsed ones have
/// at most ``maximumMembers``.
public struct JSONObject: Sendable {
    /// One key and its value.
    public typealias Member = (key: String, value: JSONValue)

    /// Objects with more members are not parsed.
    public static let maximumMembers = 4_096

    /// All members in order.
    public private(set) var members: [Member]

    /// An object with no members.
    public init() {
        members = []
    }

    /// An object of members whose keys are known to be unique, in their order.
    public init(uniqueMembers: [Member]) {
        members = uniqueMembers
    }

    /// The value of a key; setting nil removes the member, setting a new key appends it.
    public subscript(key: String) -> JSONValue? {
        get { members.first { Self.isSame($0.key, key) }?.value }
        set {
            let index = members.firstIndex { Self.isSame($0.key, key) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }

    /// Keys are the same byte by byte (RFC 8259, 8.3), where `String` takes "é" in one character for
    /// "é" in two.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        // The second half is the slower one.
        left == right && left.utf8.elementsEqual(right.utf8)
    }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// This object with the members of another put over its own, one level deep.
    public func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for member in other.members { merged[member.key] = member.value }
        return merged
    }

    /// This object with another put over it at every depth: objects merge, all else is replaced.
    public func deepMerging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for member in other.members {
            if case .object(let old)? = merged[member.key], case .object(let new) = member.value {
                merged[member.key] = .object(old.deepMerging(new))
            } else {
                merged[member.key] = member.value
            }
        }
        return merged
    }
}

extension JSONObject: Equatable {
    /// Equal when both have the same members, whatever their order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.members.count == right.members.count else { return false }
        // In one order, which is usual, no member is looked up.
        let isSameInOrder = zip(left.members, right.members).allSatisfy { one, other in
            isSame(one.key, other.key) && one.value == other.value
        }
        if isSameInOrder { return true }
        return left.members.allSatisfy { right[$0.key] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object of a literal's members; a key written twice keeps its last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        members.reserveCapacity(elements.count)
        for (key, value) in elements { self[key] = value }
    }
}

extension JSONValue {
    /// The text of a string, else nil.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of an integer, or of a number without a fraction that fits, else nil.
    public var integerValue: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// The value of any number, else nil.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The value of a boolean, else nil.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements of an array, else nil.
    public var arrayValue: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The members of an object, else nil.
    public var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// A member of an object; nil when there is none or this is no object.
    public subscript(key: String) -> JSONValue? {
        objectValue?[key]
    }

    /// A string, or null for nil.
    public static func optional(_ text: String?) -> JSONValue {
        text.map(JSONValue.string) ?? .null
    }

    /// An integer, or null for nil.
    public static func optional(_ value: Int64?) -> JSONValue {
        value.map(JSONValue.integer) ?? .null
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A JSON string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A JSON integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A JSON number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A JSON boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// JSON null.
    public init(nilLiteral: ()) { self = .null }
    /// A JSON array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// A JSON object; a key written twice keeps its last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
