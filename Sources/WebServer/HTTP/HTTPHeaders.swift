/// Header fields in the order they came in; names compare without regard to case (RFC 9110, 5.1).
public struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
    /// All fields in order; names as they were written.
    public private(set) var fields: [(name: String, value: String)]

    /// No fields.
    public init() {
        fields = []
    }

    /// The fields of a literal, in its order.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The first value of a name; setting replaces every field of that name.
    public subscript(name: String) -> String? {
        get { fields.first { Self.matches($0.name, name) }?.value }
        set {
            fields.removeAll { Self.matches($0.name, name) }
            if let newValue { fields.append((name, newValue)) }
        }
    }

    /// Appends a field, also when the name is there already.
    public mutating func add(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    /// All values of a name, in order.
    public func values(of name: String) -> [String] {
        fields.filter { Self.matches($0.name, name) }.map(\.value)
    }

    /// Whether a comma-separated list field holds a token, without regard to case.
    public func contains(_ token: String, in name: String) -> Bool {
        values(of: name).contains { value in
            value.split(separator: ",").contains {
                Self.matches(String($0).trimmed, token)
            }
        }
    }

    private static func matches(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).allSatisfy { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension String {
    /// This text without spaces and tabs at its ends (optional white space of RFC 9110, 5.6.3).
    package var trimmed: String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let front = utf8.drop(while: isSpace)
        guard let last = front.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(front[...last]) ?? ""
    }
}
