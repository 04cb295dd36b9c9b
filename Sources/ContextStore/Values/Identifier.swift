/// The kinds of stored objects, as ids and errors name them.
public enum StoredObject: String, Sendable, CaseIterable {
    case conversation
    case item
    case session
    case agent
    case summary
    case fact
    case broadcast

    /// What the ids of this kind begin with.
    public var prefix: String {
        switch self {
        case .conversation: "conv_"
        case .item: "msg_"
        case .session: "sess_"
        case .agent: "agent_"
        case .summary: "sum_"
        case .fact: "fact_"
        case .broadcast: "bcast_"
        }
    }
}

/// A marker that ties an ``Identifier`` to one kind of object at compile time.
public protocol IdentifierKind: Sendable {
    /// The kind of object that is named.
    static var object: StoredObject { get }
}

/// The id of a stored object: a prefix and 26 characters that sort by creation.
///
/// The body is 48 bits of milliseconds since 1970 and 80 random bits in Crockford's base 32
/// (lower case, without `i`, `l`, `o`, `u`), as ULID has it: https://github.com/ulid/spec
public struct Identifier<Kind: IdentifierKind>: Hashable, Sendable {
    /// The whole id, prefix included.
    public let text: String

    /// An id that came from outside; nil when its prefix, length or alphabet is wrong.
    public init?(_ text: String) {
        let prefix = Kind.object.prefix
        guard text.utf8.count == prefix.utf8.count + Base32.length, text.hasPrefix(prefix),
            Base32.isBody(text.utf8.dropFirst(prefix.utf8.count))
        else { return nil }
        self.text = text
    }

    /// An id of a 128-bit number.
    init(number: UInt128) {
        text = Kind.object.prefix + Base32.body(of: number)
    }

    /// An id that this store wrote itself.
    init(stored text: String) {
        self.text = text
    }
}

extension Identifier: CustomStringConvertible, Comparable {
    /// The whole id.
    public var description: String { text }

    /// Whether an id was made before another.
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// Marks the ids of conversations.
public enum ConversationKind: IdentifierKind {
    /// Conversations.
    public static let object = StoredObject.conversation
}

/// Marks the ids of items.
public enum ItemKindMarker: IdentifierKind {
    /// Items.
    public static let object = StoredObject.item
}

/// Marks the ids of sessions.
public enum SessionKind: IdentifierKind {
    /// Sessions.
    public static let object = StoredObject.session
}

/// Marks the ids of agents.
public enum AgentKind: IdentifierKind {
    /// Agents.
    public static let object = StoredObject.agent
}

/// Marks the ids of summaries.
public enum SummaryKind: IdentifierKind {
    /// Summaries.
    public static let object = StoredObject.summary
}

/// Marks the ids of facts.
public enum FactKind: IdentifierKind {
    /// Facts.
    public static let object = StoredObject.fact
}

/// Marks the ids of broadcasts.
public enum BroadcastKind: IdentifierKind {
    /// Broadcasts.
    public static let object = StoredObject.broadcast
}

/// The id of a ``Conversation``: `conv_…`.
public typealias ConversationID = Identifier<ConversationKind>
/// The id of an ``Item``: `msg_…`.
public typealias ItemID = Identifier<ItemKindMarker>
/// The id of a ``Session``: `sess_…`.
public typealias SessionID = Identifier<SessionKind>
/// The id of an ``Agent``: `agent_…`.
public typealias AgentID = Identifier<AgentKind>
/// The id of a ``Summary``: `sum_…`.
public typealias SummaryID = Identifier<SummaryKind>

/// The id of a ``Fact``: `fact_…`.
public typealias FactID = Identifier<FactKind>

/// The id of a ``Broadcast``: `bcast_…`.
public typealias BroadcastID = Identifier<BroadcastKind>

/// Crockford's base 32 in lower case, for numbers of 128 bits.
private enum Base32 {
    static let length = 26
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func body(of number: UInt128) -> String {
        String(unsafeUninitializedCapacity: length) { buffer in
            var rest = number
            for index in stride(from: length - 1, through: 0, by: -1) {
                buffer[index] = alphabet[Int(truncatingIfNeeded: rest & 31)]
                rest >>= 5
            }
            return length
        }
    }

    /// Whether a text of 26 bytes is a body; its first character holds three bits only.
    static func isBody(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first, first <= UInt8(ascii: "7") else { return false }
        return text.allSatisfy(alphabet.contains)
    }
}
